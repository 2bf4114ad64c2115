import { defineCommand } from './command.ts';

/** The page of `run` in the help. `main.ts` starts the daemon without coming here, unless there is something to explain. */
export const runCommand = defineCommand({
  usage: 'run',
  summary: 'run the daemon',
  description: `Runs the daemon in the foreground: it exchanges the agents' secrets, keeps them safe, serves
tokens at its listeners and writes token files. Its log goes to standard output, as JSON unless
that is a terminal. SIGTERM and SIGINT end it in good order; a second one ends it at once.`,
  positionals: {},
  options: {},
  examples: [
    ['run', 'run with /etc/tokenward/config.yaml'],
    ['run --config ./tokenward.yaml', 'run with another configuration'],
  ],
  tooMany: 'run takes no arguments, it runs all agents; another configuration is named with --config FILE',
  run: async ({ config }, program) => {
    const { runDaemon } = await import('./run-daemon.ts');
    await runDaemon(config, program);
  },
});
