import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as pause } from 'node:timers/promises';
import { startDaemon } from '../daemon.ts';
import { install, type InstallationOptions } from '../installation.ts';
import { residentMiB, sleeps } from '../process-status.ts';
import type { Result } from '../result.ts';
import type { Site } from '../site.ts';
import { median } from '../statistics.ts';

/** The budgets: MiB, and wake-ups a minute for "no timer more often than every 10 s". */
const mostResidentMiB = 68;
const mostWakeUps = 6;

/** Milliseconds until the daemon has given back what its start had used. */
const settleMs = 8_000;

interface Idler extends AsyncDisposable {
  readonly pid: number;
}

interface Kind {
  readonly name: string;
  readonly start: () => Promise<Idler>;
  readonly budget?: Result['budget'];
}

interface IdleOptions {
  /** Processes of each kind. */
  readonly processes: number;
  /** Milliseconds in which wake-ups are counted. */
  readonly watchMs: number;
}

/** Memory and wake-ups of daemons that have their token and are asked nothing. They idle side by side: none takes from another. */
export async function measureIdle(
  site: Site,
  { processes, watchMs }: IdleOptions,
): Promise<readonly Result[]> {
  const daemon = (options: InstallationOptions) => async () => startDaemon(await install(site, options));
  const kinds: readonly Kind[] = [
    { name: 'resident memory, idle', start: daemon({}), budget: { most: mostResidentMiB } },
    { name: '  with MALLOC_ARENA_MAX=1', start: daemon({ env: { MALLOC_ARENA_MAX: '1' } }) },
    { name: '  with a token file, watched', start: daemon({ tokenFile: true }) },
    { name: '  the bare runtime', start: startBareRuntime },
  ];
  await using stack = new AsyncDisposableStack();
  const idlers = new Map<Kind, readonly Idler[]>();
  for (const kind of kinds) {
    const started: Idler[] = [];
    for (let left = processes; left > 0; left -= 1) started.push(stack.use(await kind.start()));
    idlers.set(kind, started);
  }
  await pause(settleMs);
  const memory = [...idlers].map(([kind, started]) => memoryResult(kind, started));
  const plain = [...idlers.values()][0] ?? [];
  return [...memory, await countWakeUps(plain, watchMs)];
}

function memoryResult({ name, budget }: Kind, idlers: readonly Idler[]): Result {
  const value = median(idlers.map(({ pid }) => residentMiB(pid)));
  const note = `median of ${idlers.length}, ${settleMs / 1000} s after the token`;
  return { name, value, unit: 'MiB', note, ...(budget && { budget }) };
}

async function countWakeUps(idlers: readonly Idler[], watchMs: number): Promise<Result> {
  const before = idlers.map(({ pid }) => sleeps(pid));
  await pause(watchMs);
  const counts = idlers.map(({ pid }, index) => sleeps(pid) - (before[index] ?? 0));
  return {
    name: 'wake-ups, idle',
    value: (median(counts) * 60_000) / watchMs,
    unit: 'per minute',
    budget: { most: mostWakeUps },
    note: `all threads, over ${watchMs / 1000} s`,
  };
}

async function startBareRuntime(): Promise<Idler> {
  const child = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1e6)'], { stdio: 'ignore' });
  await once(child, 'spawn');
  return {
    pid: child.pid ?? 0,
    [Symbol.asyncDispose]: async () => {
      child.kill();
      if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
    },
  };
}
