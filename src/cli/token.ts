import { agentArgument, defineCommand, jsonOption } from './command.ts';
import { askable } from './lookup.ts';
import { printBare, printJson } from './output.ts';

export const tokenCommand = defineCommand({
  usage: 'token <agent>',
  summary: "print an agent's current token",
  description: `Prints the token that the running daemon holds for the agent, and nothing else: no newline
either, unless to a terminal. Never makes the daemon exchange.`,
  positionals: agentArgument,
  options: jsonOption,
  examples: [
    ['token web-01', 'print the token'],
    ['token web-01 --json', 'print it with its remaining seconds and its sequence'],
    [
      'token web-01 > token && chmod 0600 token',
      'better: let the daemon write a file, see `files` in the configuration',
    ],
  ],
  tooMany: 'token takes the name of one agent',
  run: async ({ agent, config: path, json }, program) => {
    const { daemon, named, remarkFlaw, unanswered } = askable(path, program);
    const { token, details } = await daemon.token(named(agent)).catch(unanswered);
    if (json) printJson({ access_token: token.reveal(), ...details });
    else printBare(process.stdout.isTTY ? `${token.reveal()}\n` : token.reveal());
    remarkFlaw();
  },
});
