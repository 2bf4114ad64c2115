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

/** V8 looks every 8 s whether to shrink its heap, in every Node.js process; set aside to see the timers of tokenward. */
const withoutHeapTimer = ['--no-memory-reducer'];

interface Idler extends AsyncDisposable {
  readonly pid: number;
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
  await using stack = new AsyncDisposableStack();
  const several = async (start: () => Promise<Idler>): Promise<readonly Idler[]> => {
    const idlers: Idler[] = [];
    for (let left = processes; left > 0; left -= 1) idlers.push(stack.use(await start()));
    return idlers;
  };
  const daemons = (options: InstallationOptions) =>
    several(async () => startDaemon(await install(site, options)));
  const plain = await daemons({});
  const oneArena = await daemons({ env: { MALLOC_ARENA_MAX: '1' } });
  const withFile = await daemons({ tokenFile: true });
  const ownTimers = await daemons({ runtimeFlags: withoutHeapTimer });
  const bare = await several(startBareRuntime);
  await pause(settleMs);
  const memory = [
    { ...memoryResult('resident memory, idle', plain), budget: { most: mostResidentMiB } },
    memoryResult('  with MALLOC_ARENA_MAX=1', oneArena),
    memoryResult('  with a token file, watched', withFile),
    memoryResult('  the bare runtime', bare),
  ];
  const [own, all] = await Promise.all([wakeUps(ownTimers, watchMs), wakeUps(plain, watchMs)]);
  const note = `over ${watchMs / 1000} s`;
  return [
    ...memory,
    { name: 'wake-ups, idle', value: own, unit: 'per minute', budget: { most: mostWakeUps }, note },
    { name: "  with V8's own heap timer", value: all, unit: 'per minute', note },
  ];
}

function memoryResult(name: string, idlers: readonly Idler[]): Result {
  const value = median(idlers.map(({ pid }) => residentMiB(pid)));
  return {
    name,
    value,
    unit: 'MiB',
    note: `median of ${idlers.length}, ${settleMs / 1000} s after the token`,
  };
}

/** A minute. */
async function wakeUps(idlers: readonly Idler[], watchMs: number): Promise<number> {
  const before = idlers.map(({ pid }) => sleeps(pid));
  await pause(watchMs);
  const counts = idlers.map(({ pid }, index) => sleeps(pid) - (before[index] ?? 0));
  return (median(counts) * 60_000) / watchMs;
}

async function startBareRuntime(): Promise<Idler> {
  const child = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1e6)'], { stdio: 'ignore' });
  await once(child, 'spawn');
  return {
    pid: child.pid ?? 0,
    [Symbol.asyncDispose]: async () => {
      const ended = once(child, 'exit');
      if (child.kill()) await ended;
    },
  };
}
