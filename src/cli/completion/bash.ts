import {
  valueFlags,
  type CommandWords,
  type OptionWords,
  type Values,
  type Vocabulary,
} from './vocabulary.ts';

/** Completion for bash 4 and later, with or without the package bash-completion. */
export function bashCompletion(vocabulary: Vocabulary): string {
  const { commands, everywhere } = vocabulary;
  const shared = everywhere.flatMap(({ flags }) => flags);
  const options = commands.map(({ name, options: own }) => {
    const words = [...own.flatMap(({ flags }) => flags), ...shared];
    return `    ${name}) _tokenward_offer words '${words.join(' ')}' ;;`;
  });
  const values = [
    ...valueCases('*', everywhere),
    ...commands.flatMap((command) => valueCases(command.name, command.options)),
  ];
  return `${offerFunction}
${walkFunction(valueFlags(vocabulary))}
_tokenward() {
  local cur=\${COMP_WORDS[COMP_CWORD]} prev=\${COMP_WORDS[COMP_CWORD - 1]}
  local command='' arguments=0 config=()
  COMPREPLY=()
  # bash takes --option=value apart.
  if [[ $cur == '=' ]]; then
    cur=''
  elif [[ $prev == '=' ]]; then
    prev=\${COMP_WORDS[COMP_CWORD - 2]}
  fi
  _tokenward_walk

  case $command:$prev in
${values.join('\n')}
  esac

  if [[ $cur == -* ]]; then
    case $command in
${options.join('\n')}
    *) _tokenward_offer words '${shared.join(' ')}' ;;
    esac
    return
  fi

  case $command:$arguments in
  :*) _tokenward_offer words '${commands.map(({ name }) => name).join(' ')}' ;;
${commands.flatMap(argumentCases).join('\n')}
  esac
}

complete -F _tokenward tokenward
`;
}

const offerFunction = `# Completion of tokenward for bash, made by: tokenward completion bash

# One of: file, folder, agent, words WORDS, other.
_tokenward_offer() {
  case $1 in
  file)
    compopt -o filenames 2>/dev/null
    mapfile -t COMPREPLY < <(compgen -f -- "$cur")
    ;;
  folder)
    compopt -o filenames 2>/dev/null
    mapfile -t COMPREPLY < <(compgen -d -- "$cur")
    ;;
  agent) mapfile -t COMPREPLY < <(compgen -W "$(tokenward completion agents "\${config[@]}" 2>/dev/null)" -- "$cur") ;;
  words) mapfile -t COMPREPLY < <(compgen -W "$2" -- "$cur") ;;
  esac
}
`;

/** Finds the command, the number of its arguments so far, and the configuration; what takes a value is passed over with it. */
function walkFunction(flags: readonly string[]): string {
  return `_tokenward_walk() {
  local word i
  for ((i = 1; i < COMP_CWORD; i++)); do
    word=\${COMP_WORDS[i]}
    case $word in
    ${flags.join(' | ')})
      [[ \${COMP_WORDS[i + 1]} == '=' ]] && ((i++))
      ((i++))
      [[ $word == --config ]] && config=(--config "\${COMP_WORDS[i]/#\\~\\//$HOME/}")
      ;;
    -* | '=') ;;
    *)
      if [[ -z $command ]]; then
        command=$word
      else
        ((arguments++))
      fi
      ;;
    esac
  done
}
`;
}

function valueCases(command: string, options: readonly OptionWords[]): readonly string[] {
  return options.flatMap(({ flags, values }) => {
    if (values === null) return [];
    const patterns = flags.map((flag) => `${command}:${flag}`).join(' | ');
    return [`  ${patterns}) _tokenward_offer ${offer(values)}; return ;;`];
  });
}

function argumentCases({ name, arguments: list }: CommandWords): readonly string[] {
  return list
    .map(({ values, repeats }, index) => ({ values, place: repeats ? '*' : String(index) }))
    .filter(({ values }) => values.kind !== 'other')
    .map(({ values, place }) => `  ${name}:${place}) _tokenward_offer ${offer(values)} ;;`);
}

function offer(values: Values): string {
  return values.kind === 'words' ? `words '${values.words.join(' ')}'` : values.kind;
}
