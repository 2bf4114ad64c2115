import { type ChildProcess, spawn } from 'node:child_process';
import type { RemoteChannel, RemoteParts } from './parts.ts';
import { bodyOf } from './texts.ts';

export interface ExecSettings {
  readonly kind: 'exec';
  /** The absolute path of a program, and its arguments. */
  readonly command: readonly string[];
  readonly timeoutMs: number;
  readonly runbooks: string | null;
}

/** What the program sees of our environment; the rest is none of its business. */
const passedOn = ['PATH', 'HOME', 'USER', 'LANG', 'LC_ALL', 'TZ'];
/** How much of what it complains about is told. */
const longestComplaint = 200;

/**
 * Starts a program for each notice, without a shell; the notice is JSON on its standard input. It has taken the notice when it ends
 * with 0. When it is given up, it is killed with all that it has started.
 */
export function createExec(
  { command, runbooks }: ExecSettings,
  { host, env, failure }: RemoteParts,
): RemoteChannel {
  const [program = '', ...args] = command;
  return {
    async deliver(notice, signal) {
      if (notice.superseded) return;
      const child = spawn(program, args, {
        cwd: '/',
        // a group of its own, so that it can be ended as a whole
        detached: true,
        stdio: ['pipe', 'ignore', 'pipe'],
        env: Object.fromEntries(
          passedOn.flatMap((name) => (env[name] === undefined ? [] : [[name, env[name]]])),
        ),
      });
      const complaint = firstLineOf(child);
      child.stdin?.on('error', () => {}); // a program need not read what it is told
      child.stdin?.end(`${JSON.stringify(bodyOf(notice, host, runbooks))}\n`);
      const end = await endOf(child, signal);
      if (end !== 0) throw failure('OUTPUT_FAILED', `${program} ${reason(end)}${complaint()}`);
    },
  };
}

type End = number | 'given up' | NodeJS.Signals | Error;

function endOf(child: ChildProcess, signal: AbortSignal): Promise<End> {
  return new Promise((resolve) => {
    const giveUp = () => {
      killGroup(child);
      resolve('given up');
    };
    if (signal.aborted) giveUp();
    signal.addEventListener('abort', giveUp, { once: true });
    child.once('error', resolve);
    child.once('exit', (code, by) => {
      signal.removeEventListener('abort', giveUp);
      child.stderr?.destroy();
      resolve(code ?? by ?? 'given up');
    });
  });
}

function killGroup({ pid }: ChildProcess): void {
  try {
    if (pid !== undefined) process.kill(-pid, 'SIGKILL');
  } catch {
    // it has just ended
  }
}

function reason(end: End): string {
  if (end === 'given up') return 'took too long and was killed; see what it waits for, or raise its timeout';
  if (typeof end === 'number') return `ended with ${end}`;
  if (typeof end === 'string') return `was ended by ${end}`;
  const { code = 'unknown error' } = end as NodeJS.ErrnoException;
  return `cannot be started (${code}); correct the path, or run: chmod +x`;
}

function firstLineOf({ stderr }: ChildProcess): () => string {
  let text = '';
  stderr?.setEncoding('utf8').on('data', (chunk: string) => {
    if (text.length < longestComplaint) text += chunk;
  });
  return () => {
    const line =
      text
        .split('\n')[0]
        ?.replaceAll(/[^\x20-\x7E]/g, '?')
        .slice(0, longestComplaint) ?? '';
    return line === '' ? '' : `: ${line}`;
  };
}
