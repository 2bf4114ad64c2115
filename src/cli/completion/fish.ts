import {
  valueFlags,
  type CommandWords,
  type OptionWords,
  type Values,
  type Vocabulary,
} from './vocabulary.ts';

/** Completion for fish 3 and later. */
export function fishCompletion(vocabulary: Vocabulary): string {
  const { commands, everywhere } = vocabulary;
  return `# Completion of tokenward for fish, made by: tokenward completion fish

# The command on the line before the cursor, and how many arguments it has there.
function __tokenward_place
    set -l words (commandline -opc)
    set -l command ''
    set -l arguments 0
    set -l is_value 0
    for word in $words[2..-1]
        if test $is_value = 1
            set is_value 0
            continue
        end
        switch $word
            case ${valueFlags(vocabulary).join(' ')}
                set is_value 1
            case '-*'
            case '*'
                if test -z "$command"
                    set command $word
                else
                    set arguments (math $arguments + 1)
                end
        end
    end
    echo "$command"
    echo $arguments
end

# Whether this is the command, and, where FROM and TO are given, so many arguments stand before the cursor.
function __tokenward_at -a command from to
    set -l place (__tokenward_place)
    test "$place[1]" = "$command"
    and test -z "$from" -o \\( $place[2] -ge "$from" -a $place[2] -le "$to" \\)
end

function __tokenward_agents
    set -l words (commandline -opc)
    set -l config
    for i in (seq (count $words))
        switch $words[$i]
            case --config
                set -q words[(math $i + 1)]; and set config --config $words[(math $i + 1)]
            case '--config=*'
                set config --config (string replace -- --config= '' $words[$i])
        end
    end
    command tokenward completion agents $config 2>/dev/null
end

complete -c tokenward -e
complete -c tokenward -f
${everywhere.map((option) => optionLine(option, null)).join('\n')}
${commands.map(({ name, about }) => `complete -c tokenward -n '__tokenward_at ""' -a ${name} -d ${quoted(about)}`).join('\n')}
${commands.flatMap(commandLines).join('\n')}
`;
}

function commandLines({ name, options, arguments: list }: CommandWords): readonly string[] {
  const places = list.flatMap(({ values, repeats }, index) => {
    if (values.kind === 'other') return [];
    const condition = quoted(`__tokenward_at ${name} ${index} ${repeats ? 1_000_000 : index}`);
    return [`complete -c tokenward -n ${condition} ${offer(values)}`];
  });
  return [...options.map((option) => optionLine(option, name)), ...places];
}

function optionLine({ flags, about, values }: OptionWords, command: string | null): string {
  const names = flags.map((flag) => (flag.startsWith('--') ? `-l ${flag.slice(2)}` : `-s ${flag.slice(1)}`));
  return [
    'complete -c tokenward',
    ...(command === null ? [] : [`-n '__tokenward_at ${command}'`]),
    ...names,
    `-d ${quoted(about)}`,
    ...(values === null ? [] : [`-r ${offer(values)}`]),
  ].join(' ');
}

function offer(values: Values): string {
  switch (values.kind) {
    case 'words':
      return `-f -a ${quoted(values.words.join(' '))}`;
    case 'file':
      return '-F';
    case 'folder':
      return `-f -a '(__fish_complete_directories (commandline -ct))'`;
    case 'agent':
      return `-f -a '(__tokenward_agents)'`;
    case 'other':
      return '-f';
  }
}

function quoted(text: string): string {
  return `'${text.replaceAll(/[\\']/g, '\\$&')}'`;
}
