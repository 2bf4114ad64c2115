import { type ChildProcess, spawn } from 'node:child_process';

/** Programs that the configuration names: started without a shell, with little of our environment, and ended as a whole. */

export interface ProgramRun {
  /** The path of a program, and its arguments. */
  readonly command: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  /** What it reads from its standard input; null: nothing. It need not read it. */
  readonly input: string | null;
  /** Which of its outputs is kept. */
  readonly keep: 'errors' | 'all';
  /** How much of it, in characters. */
  readonly keepAtMost: number;
}

/** Its exit code; or what kept it from ending by itself. */
export type ProgramEnd = number | 'given up' | NodeJS.Signals | Error;

export interface ProgramResult {
  readonly end: ProgramEnd;
  readonly output: string;
}

/** What any program may see of our environment. */
const passedOn = ['PATH', 'HOME', 'USER', 'LANG', 'LC_ALL', 'TZ'];

export function environmentOfPrograms(
  env: Readonly<Record<string, string | undefined>>,
): Readonly<Record<string, string>> {
  return Object.fromEntries(passedOn.flatMap((name) => (env[name] === undefined ? [] : [[name, env[name]]])));
}

/** Resolves when the program has ended, or was given up and killed with all that it has started. Never rejects. */
export async function runProgram(
  { command, env, input, keep, keepAtMost }: ProgramRun,
  signal: AbortSignal,
): Promise<ProgramResult> {
  const [program = '', ...args] = command;
  const child = spawn(program, args, {
    cwd: '/',
    // a group of its own, so that it can be ended as a whole
    detached: true,
    stdio: [input === null ? 'ignore' : 'pipe', keep === 'all' ? 'pipe' : 'ignore', 'pipe'],
    env: { ...env },
  });
  const output = outputOf(child, keepAtMost);
  child.stdin?.on('error', () => {}); // a program need not read what it is told
  child.stdin?.end(input);
  const end = await endOf(child, signal);
  return { end, output: output() };
}

/** Why it counts as failed, for people. */
export function failureOfProgram(end: ProgramEnd): string {
  if (end === 'given up') return 'took too long and was killed; see what it waits for, or raise its timeout';
  if (typeof end === 'number') return `ended with ${end}`;
  if (typeof end === 'string') return `was ended by ${end}`;
  const { code = 'unknown error' } = end as NodeJS.ErrnoException;
  return `cannot be started (${code}); correct the path, or run: chmod +x`;
}

function endOf(child: ChildProcess, signal: AbortSignal): Promise<ProgramEnd> {
  return new Promise((resolve) => {
    const finish = (end: ProgramEnd) => {
      signal.removeEventListener('abort', giveUp);
      // something that it left running may hold them open
      child.stdout?.destroy();
      child.stderr?.destroy();
      resolve(end);
    };
    const giveUp = () => {
      killGroup(child);
      finish('given up');
    };
    child.once('error', finish);
    child.once('exit', (code, by) => {
      // What it said last is read in the turn of the event loop that begins then.
      setImmediate(() => setImmediate(() => finish(code ?? by ?? 'given up')));
    });
    if (signal.aborted) giveUp();
    else signal.addEventListener('abort', giveUp, { once: true });
  });
}

function killGroup({ pid }: ChildProcess): void {
  try {
    if (pid !== undefined) process.kill(-pid, 'SIGKILL');
  } catch {
    // it has just ended
  }
}

function outputOf({ stdout, stderr }: ChildProcess, atMost: number): () => string {
  let text = '';
  for (const stream of [stdout, stderr]) {
    stream?.setEncoding('utf8').on('data', (chunk: string) => {
      if (text.length < atMost) text += chunk.slice(0, atMost - text.length);
    });
  }
  return () => text;
}
