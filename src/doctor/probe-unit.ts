import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { parseSpan, type UnitFacts, unitIn } from './judge-unit.ts';

const timeoutMs = 2_000;

/** null where the process is gone, or is not for us to see. */
export async function probeUnit(
  pid: number,
  proc: string,
  env: NodeJS.ProcessEnv,
): Promise<UnitFacts | null> {
  const [limits, cgroup] = await Promise.all([
    readText(join(proc, String(pid), 'limits')),
    readText(join(proc, String(pid), 'cgroup')),
  ]);
  if (limits === '') return null;
  const unit = unitIn(cgroup);
  return { pid, unit, limits, stopTimeoutMs: unit === null ? null : await stopTimeout(unit, env) };
}

async function stopTimeout(unit: string, env: NodeJS.ProcessEnv): Promise<number | null> {
  try {
    const args = ['show', '--property=TimeoutStopUSec', '--value', '--', unit];
    const { stdout } = await promisify(execFile)('systemctl', args, { timeout: timeoutMs, env });
    return parseSpan(stdout.trim());
  } catch {
    return null; // no systemctl, or it does not answer: nothing is known, and nothing depends on it
  }
}

/** When the process was started, by the kernel's clock ticks (proc_pid_stat(5)); null where that is not to be had. */
export async function startOf(pid: number, proc: string): Promise<Date | null> {
  const [stat, host] = await Promise.all([
    readText(join(proc, String(pid), 'stat')),
    readText(join(proc, 'stat')),
  ]);
  // the name of the program, in parentheses, may have blanks
  const ticks = Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19]);
  const bootSeconds = Number(/^btime (\d+)$/m.exec(host)?.[1]);
  const startMs = (bootSeconds + ticks / ticksPerSecond) * 1_000;
  return Number.isFinite(startMs) ? new Date(startMs) : null;
}

/** USER_HZ, which is the same on every Linux that Node runs on. */
const ticksPerSecond = 100;

/** What the daemon goes by and this process may lack: proxies, and where its credentials and its keyring are. */
const wanted = /^(https_proxy|no_proxy|HTTPS_PROXY|NO_PROXY|CREDENTIALS_DIRECTORY)$/;

/** Of a running process; nothing where it is not for us to see. */
export async function environmentOf(
  pid: number,
  proc: string,
  ours: NodeJS.ProcessEnv,
): Promise<NodeJS.ProcessEnv> {
  const text = await readText(join(proc, String(pid), 'environ'));
  if (text === '') return ours;
  const pairs = text.split('\0').map((pair) => {
    const end = pair.indexOf('=');
    return [pair.slice(0, end), pair.slice(end + 1)] as const;
  });
  const others = Object.entries(ours).filter(([name]) => !wanted.test(name));
  return Object.fromEntries([...others, ...pairs.filter(([name]) => wanted.test(name))]);
}

async function readText(path: string): Promise<string> {
  return readFile(path, 'utf8').catch(() => ''); // the process is gone, or of another user
}
