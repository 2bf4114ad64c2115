import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, existsSync, openSync, readFileSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import { agent, type Installation } from './installation.ts';
import { createLocalClient } from './local-request.ts';

/** The built daemon as a process, from its start to its end. */
export interface Daemon extends AsyncDisposable {
  readonly pid: number;
  readonly socketPath: string;
  /** Milliseconds from the start of the process to the token that was served first. */
  readonly servedAfterMs: number;
}

export const tokenPath = `/v1/agents/${agent}/token`;

const deadlineMs = 30_000;

/** Resolves when the daemon has served a token, for which it is asked every `askEveryMs` milliseconds. */
export async function startDaemon(installation: Installation, askEveryMs = 50): Promise<Daemon> {
  const { program, runtimeFlags, configFile, socketPath, logFile, env } = installation;
  const log = openSync(logFile, 'a');
  const startedMs = performance.now();
  const child = spawn(process.execPath, [...runtimeFlags, program, 'run', '--config', configFile], {
    stdio: ['ignore', log, log],
    env,
  });
  closeSync(log);
  try {
    await untilServed(installation, child, askEveryMs);
  } catch (error) {
    await end(child);
    throw new Error(`the daemon serves no token; its log:\n${readFileSync(logFile, 'utf8')}`, {
      cause: error,
    });
  }
  const servedAfterMs = performance.now() - startedMs;
  return { pid: child.pid ?? 0, socketPath, servedAfterMs, [Symbol.asyncDispose]: () => end(child) };
}

/** Asks as an impatient client does: for the only agent that it may read, again and again. */
async function untilServed(
  { socketPath }: Installation,
  child: ChildProcess,
  askEveryMs: number,
): Promise<void> {
  using client = createLocalClient(socketPath);
  const deadline = performance.now() + deadlineMs;
  for (;;) {
    if (existsSync(socketPath) && (await isServed(() => client.send('GET', '/v1/token')))) return;
    if (child.exitCode !== null) throw new Error(`the daemon has ended with exit code ${child.exitCode}`);
    if (performance.now() > deadline) throw new Error(`there was no token within ${deadlineMs} ms`);
    await pause(askEveryMs);
  }
}

async function isServed(ask: () => Promise<{ readonly status: number }>): Promise<boolean> {
  try {
    return (await ask()).status === 200;
  } catch {
    return false; // the socket is bound, or left from the last run, and nobody listens yet
  }
}

async function end(child: ChildProcess): Promise<void> {
  const ended = once(child, 'exit');
  if (child.kill('SIGTERM')) await ended;
}
