import { TokenwardError } from '../domain/errors.ts';
import { defineCommand } from './command.ts';

/** The page of `run` in the help. `main.ts` starts the daemon without coming here, unless there is something to explain. */
export const runCommand = defineCommand({
  usage: 'run',
  summary: 'run the daemon',
  description: `Runs the daemon in the foreground: it exchanges the agents' secrets, keeps them safe, serves
tokens at its listeners and writes token files. Its log goes to standard output, as JSON unless
that is a terminal. SIGTERM and SIGINT end it in good order; a second one ends it at once.

With --once it gets each agent a token, writes the token files and ends, for jobs and for what
runs before shippers do. It binds nothing, runs no hooks and tells alerts to the log alone. What
was sent by the deadline is still awaited and saved, for shutdown_grace of the configuration.`,
  positionals: {},
  options: {
    once: { type: 'boolean', default: false, describe: 'end when the token files are written' },
    deadline: {
      type: 'string',
      requiresArg: true,
      describe: 'with --once: how long it may take until there are tokens, such as 2m [default: 30s]',
    },
  },
  examples: [
    ['run', 'run with /etc/tokenward/config.yaml'],
    ['run --config ./tokenward.yaml', 'run with another configuration'],
    ['run --once --deadline 1m', 'write the token files, and end'],
  ],
  tooMany: 'run takes no arguments, it runs all agents; another configuration is named with --config FILE',
  run: async ({ config, once, deadline }, program) => {
    if (once) {
      const { runOnceProcess } = await import('./run-once.ts');
      return runOnceProcess({ config, deadline }, program);
    }
    if (deadline !== undefined)
      throw new TokenwardError('USAGE', '--deadline goes with --once; give both, or leave it away');
    const { runDaemon } = await import('./run-daemon.ts');
    await runDaemon(config, program);
  },
});
