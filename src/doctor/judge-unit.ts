import { formatDuration } from '../domain/duration.ts';
import { type Line, ok, warning } from './line.ts';

/** What the kernel and systemd grant to the running daemon. */
export interface UnitFacts {
  readonly pid: number;
  /** The systemd unit; null where it runs in none. */
  readonly unit: string | null;
  /** The text of /proc/PID/limits (proc_pid_limits(5)). */
  readonly limits: string;
  /** Milliseconds after which systemd kills a unit that does not stop; null where it is not known. */
  readonly stopTimeoutMs: number | null;
}

/** Enough for the default limit of connections (8192) and all else. */
const enoughFiles = 8_192;

export function judgeUnit(facts: UnitFacts, shutdownGraceMs: number): readonly Line[] {
  const lines = [judgeCoreDumps(facts), judgeOpenFiles(facts)];
  if (facts.unit !== null && facts.stopTimeoutMs !== null)
    lines.push(judgeStopTimeout(facts.unit, facts.stopTimeoutMs, shutdownGraceMs));
  return lines;
}

function judgeCoreDumps(facts: UnitFacts): Line {
  const what = nameOf(facts);
  const size = softLimit(facts.limits, 'Max core file size');
  if (size === 0) return ok('unit-core-dumps', { what, detail: 'core dumps are off' });
  return warning('unit-core-dumps', {
    what,
    detail: 'after a crash a core dump may hold the secret in clear text',
    mend: raise(facts, 'LimitCORE=0', 'ulimit -c 0'),
  });
}

function judgeOpenFiles(facts: UnitFacts): Line {
  const what = nameOf(facts);
  const count = softLimit(facts.limits, 'Max open files');
  if (count >= enoughFiles)
    return ok('unit-open-files', {
      what,
      detail: `${count === Infinity ? 'any number of' : count} open files`,
    });
  return warning('unit-open-files', {
    what,
    detail: `at most ${count} open files, and each client that stays connected takes one`,
    mend: raise(facts, 'LimitNOFILE=16384', 'ulimit -n 16384'),
  });
}

function judgeStopTimeout(unit: string, stopTimeoutMs: number, shutdownGraceMs: number): Line {
  const grace = formatDuration(shutdownGraceMs);
  if (stopTimeoutMs > shutdownGraceMs) {
    const after = stopTimeoutMs === Infinity ? 'never' : `after ${formatDuration(stopTimeoutMs)}`;
    return ok('unit-stop-timeout', {
      what: unit,
      detail: `killed ${after}, and so not within shutdown_grace (${grace})`,
    });
  }
  return warning('unit-stop-timeout', {
    what: unit,
    detail: `killed after ${formatDuration(stopTimeoutMs)}, within shutdown_grace (${grace}): a new secret may not be saved by then`,
    mend: `systemctl edit ${unit}: [Service] TimeoutStopSec=${Math.ceil(shutdownGraceMs / 1_000) + 5}s`,
  });
}

function nameOf({ unit, pid }: UnitFacts): string {
  return unit ?? `process ${pid}`;
}

function raise({ unit }: UnitFacts, setting: string, command: string): string {
  return unit === null
    ? `${command}, in the shell or the script that starts the daemon`
    : `systemctl edit ${unit}: [Service] ${setting}; systemctl restart ${unit}`;
}

/** Lines such as `Max open files            1024                 524288               files`. */
function softLimit(limits: string, name: string): number {
  const line = limits.split('\n').find((each) => each.startsWith(name));
  const [soft = ''] = line?.slice(name.length).trim().split(/\s+/) ?? [];
  return soft === 'unlimited' ? Infinity : Number(soft);
}

/** The unit in the text of /proc/PID/cgroup (cgroups(7)); null where the process is in none. */
export function unitIn(cgroup: string): string | null {
  return /\/([^/\n]+\.service)(?:\/[^\n]*)?$/m.exec(cgroup)?.[1] ?? null;
}

const unitsMs: Readonly<Record<string, number>> = {
  us: 0.001,
  ms: 1,
  s: 1_000,
  min: 60_000,
  h: 3_600_000,
  d: 86_400_000,
  w: 604_800_000,
};

/** A time span as `systemctl show` writes it (systemd.time(7)): `1min 30s`, `infinity`; null for anything else. */
export function parseSpan(text: string): number | null {
  if (text === 'infinity') return Infinity;
  const parts = text.split(' ').map((part) => /^(\d+(?:\.\d+)?)([a-z]+)$/.exec(part));
  const lengths = parts.map((part) => Number(part?.[1]) * (unitsMs[part?.[2] ?? ''] ?? NaN));
  const sum = lengths.reduce((total, length) => total + length, 0);
  return Number.isNaN(sum) ? null : Math.round(sum);
}
