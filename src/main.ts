/**
 * The entry. `run` takes the short way: it is a service that starts beside everything else, so nothing that only other
 * commands need is loaded for it. The two ways are files of their own in the build, which share no classes with this one:
 * what fails there is reported there.
 */
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import type { Program } from './cli/program.ts';

/** Put in by the build. */
declare const TOKENWARD_VERSION: string | undefined;

const isBundled = typeof TOKENWARD_VERSION === 'string';

const program: Program = {
  version: isBundled ? TOKENWARD_VERSION : 'source',
  env: process.env,
  keychainProgram: {
    execPath: process.execPath,
    script: join(import.meta.dirname, isBundled ? 'keychain-child.js' : 'secrets/keychain-child.ts'),
  },
  descriptionFile: join(import.meta.dirname, isBundled ? 'openapi.json' : '../openapi.json'),
  script: import.meta.filename,
  unitFolder: join(import.meta.dirname, isBundled ? 'systemd' : '../systemd'),
};

async function main(args: readonly string[]): Promise<number> {
  const runOptions = plainRun(args);
  if (runOptions?.once === true) {
    const { onceProcess } = await import('./cli/once-process.ts');
    return onceProcess(runOptions, program);
  }
  if (runOptions !== null && runOptions.deadline === undefined) {
    const { daemonProcess } = await import('./cli/daemon-process.ts');
    return daemonProcess(runOptions.config, program);
  }
  const { commandProcess } = await import('./cli/command-process.ts');
  return commandProcess(args, program);
}

interface RunOptions {
  readonly config?: string | undefined;
  readonly once?: boolean | undefined;
  readonly deadline?: string | undefined;
}

const runOptionTable = {
  config: { type: 'string' },
  once: { type: 'boolean' },
  deadline: { type: 'string' },
} as const;

/** The options of `run` where nothing else was given; null for everything that the whole command line must look at. */
function plainRun([command, ...args]: readonly string[]): RunOptions | null {
  if (command !== 'run') return null;
  try {
    return parseArgs({ args, options: runOptionTable }).values;
  } catch {
    return null; // help, or a mistake that deserves a good message
  }
}

void main(process.argv.slice(2)).then((code) => process.exit(code));
