import { agentArgument, defineCommand, jsonOption } from './command.ts';
import { reportHandOver } from './hand-over-report.ts';
import { handOver } from './hand-over.ts';
import { agentNamed } from './lookup.ts';
import { readConfiguration } from './read-configuration.ts';
import { readSecret } from './secret-input.ts';

export const importCommand = defineCommand({
  usage: 'import <agent>',
  summary: 'take over a secret that already exists',
  description: `Reads the agent's secret from standard input, or from a hidden prompt on a terminal, and hands it
to the running daemon, which exchanges it at once. Where no daemon runs, it is stored for the next
start. A secret that the server refuses does no harm to the one that the agent has.

The secret is never an argument: every process can read the arguments of every other one, and
shells keep them in their history.`,
  positionals: agentArgument,
  options: jsonOption,
  examples: [
    ['import web-01', 'type or paste it at a hidden prompt'],
    ['import web-01 < secret.txt', 'from a file; one newline at its end is no part of it'],
    ['import web-01 --json < secret.txt', 'for a program'],
  ],
  tooMany:
    'import takes the name of one agent and nothing else; a secret among the arguments is seen by every process and kept by the shell, so take it for known, and give a fresh one on standard input: `tokenward import AGENT < FILE`',
  run: async ({ agent: name, config: path, json }, program) => {
    const config = readConfiguration(path, program);
    const agent = agentNamed(config, name);
    const secret = await readSecret(`secret of ${name}`, `tokenward import ${name} < FILE`);
    reportHandOver(name, await handOver({ config, agent, program }, secret), json, program);
  },
});
