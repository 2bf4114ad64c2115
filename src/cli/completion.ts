import { basename } from 'node:path';
import { TokenwardError } from '../domain/errors.ts';
import { defineCommand } from './command.ts';
import { bashCompletion } from './completion/bash.ts';
import { fishCompletion } from './completion/fish.ts';
import { vocabularyOf, type Vocabulary } from './completion/vocabulary.ts';
import { zshCompletion } from './completion/zsh.ts';
import { print, printBare } from './output.ts';
import { readConfiguration } from './read-configuration.ts';

const scripts = { bash: bashCompletion, zsh: zshCompletion, fish: fishCompletion } as const satisfies Record<
  string,
  (vocabulary: Vocabulary) => string
>;

type Shell = keyof typeof scripts;

const shells = Object.keys(scripts) as Shell[];

export const completionCommand = defineCommand({
  usage: 'completion [shell]',
  summary: 'print what lets a shell complete tokenward',
  description: `Prints a script that lets bash, zsh or fish complete commands, options, their values, file names
and the names of agents at the TAB key. Without an argument it is for the shell in $SHELL. The
script does not start tokenward, except for the names of agents, which are in the configuration:
\`tokenward completion agents\` prints them, one a line.

  bash   tokenward completion bash > /etc/bash_completion.d/tokenward
         or, without the package bash-completion, in ~/.bashrc: source <(tokenward completion bash)
  zsh    tokenward completion zsh > /usr/local/share/zsh/site-functions/_tokenward
         or another folder of $fpath; then start a new shell
  fish   tokenward completion fish > ~/.config/fish/completions/tokenward.fish`,
  positionals: {
    shell: {
      type: 'string',
      choices: [...shells, 'agents'],
      describe: 'which shell [default: that of $SHELL]',
    },
  },
  options: {},
  examples: [
    ['completion bash > /etc/bash_completion.d/tokenward', 'for every user of bash'],
    ['completion fish > ~/.config/fish/completions/tokenward.fish', 'for your own fish'],
    ['completion agents', 'the names of the agents'],
  ],
  tooMany: 'completion takes the name of one shell',
  run: async ({ shell, config }, program, commands) => {
    if (shell === 'agents') {
      print(...readConfiguration(config, program).agents.map(({ name }) => name));
      return;
    }
    const wanted = shell ?? basename(program.env['SHELL'] ?? '');
    printBare(scriptFor(wanted)(vocabularyOf(commands)));
  },
});

function scriptFor(shell: string): (vocabulary: Vocabulary) => string {
  const known = shells.find((name) => name === shell);
  if (known !== undefined) return scripts[known];
  throw new TokenwardError('USAGE', `name a shell, since $SHELL is none of them: ${shells.join(', ')}`);
}
