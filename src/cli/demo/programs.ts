import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import type { Stage } from './stage.ts';

/** The programs that the demo runs: tokenward itself, as a user would, and `curl`. */

export interface Ran {
  readonly exitCode: number | null;
  readonly output: string;
}

/** Runs this very program with a command; standard output and standard error together. */
export function tokenward(stage: Stage, ...args: readonly string[]): Promise<Ran> {
  return run(process.execPath, [...ownProgram(), ...args, '--config', stage.configFile]);
}

/** Resolves to null where the program is not installed. */
export async function curl(...args: readonly string[]): Promise<Ran | null> {
  try {
    return await run('curl', args);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  }
}

/** A daemon as a process of its own. */
export class DaemonProcess {
  readonly #process: ChildProcess;
  readonly #ended: Promise<unknown>;
  readonly pid: number;

  constructor(stage: Stage) {
    this.#process = spawn(process.execPath, [...ownProgram(), 'run', '--config', stage.configFile], {
      stdio: ['ignore', 'ignore', 'inherit'],
    });
    this.#ended = once(this.#process, 'exit');
    this.pid = this.#process.pid ?? 0;
  }

  /** Resolves when the process has ended by the signal. */
  async end(signal: 'SIGTERM' | 'SIGKILL'): Promise<void> {
    this.#process.kill(signal);
    await this.#ended;
  }
}

async function run(program: string, args: readonly string[]): Promise<Ran> {
  const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'pipe'] });
  const pieces: Buffer[] = [];
  child.stdout.on('data', (piece: Buffer) => pieces.push(piece));
  child.stderr.on('data', (piece: Buffer) => pieces.push(piece));
  const [exitCode] = (await once(child, 'close')) as [number | null];
  return { exitCode, output: Buffer.concat(pieces).toString('utf8').trimEnd() };
}

/** How this program was started, without its arguments. */
function ownProgram(): readonly string[] {
  return [...process.execArgv, process.argv[1] ?? ''];
}
