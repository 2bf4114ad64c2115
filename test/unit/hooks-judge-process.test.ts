import { expect, it } from 'vitest';
import { flawOfProcess, type Meant } from '../../src/outputs/hooks/judge-process.ts';
import type { ProcessFacts } from '../../src/platform/process-facts.ts';

const bootWallMs = Date.UTC(2026, 0, 1);
const host = { uid: 990, bootWallMs };
const found: ProcessFacts = {
  name: 'vector',
  isZombie: false,
  uids: [500, 500],
  startedMs: 60_000,
  onSignal: () => 'handled',
  cgroups: ['/system.slice/vector.service/main'],
};
const pidFile = { path: '/run/vector.pid', pid: 42, uid: 0, writtenMs: bootWallMs + 61_000 };
const byFile: Meant = { pid: 42, signal: 'HUP', process: null, pidFile, unit: null };
const byUnit: Meant = { pid: 42, signal: 'HUP', process: null, pidFile: null, unit: 'vector.service' };

it.each<[string, Meant, Partial<ProcessFacts>, string | null]>([
  ['a file of root', byFile, {}, null],
  ['a file of the daemon’s user', { ...byFile, pidFile: { ...pidFile, uid: 990 } }, {}, null],
  ['a file of the process’s own user', { ...byFile, pidFile: { ...pidFile, uid: 500 } }, {}, null],
  [
    'a file of its effective user',
    { ...byFile, pidFile: { ...pidFile, uid: 501 } },
    { uids: [500, 501] },
    null,
  ],
  ['a file of a third user', { ...byFile, pidFile: { ...pidFile, uid: 501 } }, {}, 'belongs to user 501'],
  ['a process that has ended', byFile, { isZombie: true }, 'has ended'],
  ['a process within the slack of clocks', byFile, { startedMs: 62_900 }, null],
  ['a process that is younger than the file', byFile, { startedMs: 63_100 }, 'began after the pid file'],
  ['a younger one of the right name', { ...byFile, process: 'vector' }, { startedMs: 63_100 }, null],
  ['one of another name', { ...byFile, process: 'fluent-bit' }, {}, 'is vector, not fluent-bit'],
  [
    'a long name, of which the kernel keeps 15',
    { ...byFile, process: 'otelcol-contrib-custom' },
    { name: 'otelcol-contrib' },
    null,
  ],
  ['one that waits for signals', byFile, { onSignal: () => 'waits' }, null],
  ['one that HUP would end', byFile, { onSignal: () => 'default' }, 'would be ended by it'],
  ['one that TERM is to end', { ...byFile, signal: 'TERM' }, { onSignal: () => 'default' }, null],
  ['one that ignores HUP', byUnit, { onSignal: () => 'ignored' }, 'ignores HUP'],
  ['a process of the unit', byUnit, {}, null],
  [
    'one of another unit',
    byUnit,
    { cgroups: ['/system.slice/vector.service.d/x', '/'] },
    'not in the control group',
  ],
])('%s', (_, meant, facts, flaw) => {
  const said = flawOfProcess(meant, { ...found, ...facts }, host);
  if (flaw === null) expect(said).toBeNull();
  else expect(said).toContain(flaw);
});
