import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { compileCache } from './compile-cache.ts';

export interface RunOptions {
  /** What the program reads on standard input; nothing where absent. */
  readonly stdin?: string | undefined;
  /** Its whole environment; only the search path where absent. */
  readonly env?: Readonly<Record<string, string>> | undefined;
  /** Who it runs as, without any supplementary group; needs root. */
  readonly uid?: number | undefined;
  readonly gid?: number | undefined;
  readonly cwd?: string | undefined;
  /** A program that becomes this one, with its arguments, such as `nsenter --target 1 --`; it comes first on the command line. */
  readonly through?: readonly string[] | undefined;
}

export interface Ran {
  /** null where a signal ended it. */
  readonly exitCode: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Of the environment of this process only the search path, and where compiled code is kept. */
export const plainEnv = { PATH: process.env['PATH'] ?? '', ...compileCache };

/** Runs a program to its end, however that turns out. Rejects where it cannot be started. */
export async function runProgram(
  program: string,
  args: readonly string[],
  { stdin, env = plainEnv, uid, gid, cwd, through }: RunOptions = {},
): Promise<Ran> {
  const child = spawn(...commandLine(program, args, through), {
    stdio: ['pipe', 'pipe', 'pipe'],
    env,
    ...(uid !== undefined && { uid }),
    ...(gid !== undefined && { gid }),
    ...(cwd !== undefined && { cwd }),
  });
  const pieces = { stdout: '', stderr: '' };
  child.stdout.setEncoding('utf8').on('data', (text: string) => (pieces.stdout += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (pieces.stderr += text));
  // a program that reads nothing may be gone by now
  child.stdin.on('error', () => {});
  child.stdin.end(stdin);
  const [exitCode, signal] = (await once(child, 'close')) as [number | null, NodeJS.Signals | null];
  return { exitCode, signal, ...pieces };
}

/** What to start, and with which arguments. */
export function commandLine(
  program: string,
  args: readonly string[],
  through: readonly string[] = [],
): [program: string, args: string[]] {
  const [first = program, ...rest] = [...through, program, ...args];
  return [first, rest];
}
