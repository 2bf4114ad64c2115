import {
  valueFlags,
  type ArgumentWords,
  type CommandWords,
  type OptionWords,
  type Values,
  type Vocabulary,
} from './vocabulary.ts';

/** Completion for zsh, by its own `_arguments`: a file in `fpath`, or sourced after `compinit`. */
export function zshCompletion({ commands, everywhere }: Vocabulary): string {
  const shared = everywhere.map(optionSpec);
  return `#compdef tokenward
# Completion of tokenward for zsh, made by: tokenward completion zsh

_tokenward_commands() {
  local -a commands=(
${commands.map(({ name, about }) => `    ${quoted(`${name}:${about}`)}`).join('\n')}
  )
  _describe -t commands command commands
}

_tokenward_agents() {
  local -a config agents
  local -i i
  for ((i = 2; i <= $#tokenward_words; i++)); do
    case $tokenward_words[i] in
      --config) config=(--config \${(Q)~tokenward_words[i + 1]}) ;;
      --config=*) config=(--config \${(Q)~tokenward_words[i]#--config=}) ;;
    esac
  done
  agents=(\${(f)"$(_call_program agents tokenward completion agents \${(q)config} 2>/dev/null)"})
  _describe -t agents agent agents
}

_tokenward() {
  local curcontext="$curcontext" context state state_descr line
  local -a tokenward_words=("\${words[@]}")
  local -i at=2
  typeset -A opt_args
  while ((at < CURRENT)) && [[ $words[at] == -* ]]; do
    [[ $words[at] == (${valueFlags({ commands: [], everywhere }).join('|')}) ]] && ((at++))
    ((at++))
  done
  if ((at >= CURRENT)); then
    _arguments \\
${[...shared, `'1:command:_tokenward_commands'`].map((spec) => `      ${spec}`).join(' \\\n')}
    return
  fi
  words=("\${(@)words[at,-1]}")
  ((CURRENT -= at - 1))
  curcontext="\${curcontext%:*:*}:tokenward-$words[1]:"
  case $words[1] in
${commands.map((command) => commandCase(command, shared)).join('\n')}
  esac
}

if [[ "\${funcstack[1]}" == _tokenward ]]; then
  _tokenward "$@"
else
  compdef _tokenward tokenward
fi
`;
}

function commandCase(command: CommandWords, shared: readonly string[]): string {
  const specs = [...command.options.map(optionSpec), ...shared, ...command.arguments.map(argumentSpec)];
  return `  ${command.name})
    _arguments \\
${specs.map((spec) => `      ${spec}`).join(' \\\n')}
    ;;`;
}

function optionSpec({ flags, about, values }: OptionWords): string {
  const text = `[${about.replaceAll(/[\\[\]]/g, '\\$&')}]`;
  const [name = ''] = flags;
  const message = name.replaceAll(/^-+/g, '');
  return flags
    .map((flag) =>
      quoted(values === null ? `${flag}${text}` : `${flag}=${text}:${message}:${action(values)}`),
    )
    .join(' ');
}

function argumentSpec({ name, values, repeats }: ArgumentWords): string {
  return quoted(`${repeats ? '*' : ''}:${name}:${action(values)}`);
}

function action(values: Values): string {
  switch (values.kind) {
    case 'words':
      return `(${values.words.join(' ')})`;
    case 'file':
      return '_files';
    case 'folder':
      return '_files -/';
    case 'agent':
      return '_tokenward_agents';
    case 'other':
      return ' ';
  }
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}
