import { describe, expect, it } from 'vitest';
import { judgeHost } from '../../../src/doctor/judge-host.ts';
import { judgeUnit, parseSpan, type UnitFacts, unitIn } from '../../../src/doctor/judge-unit.ts';
import { told } from './lines.ts';

/** As Linux 6 writes it. */
const limits = (
  core: string,
  files: string,
) => `Limit                     Soft Limit           Hard Limit           Units     
Max core file size        ${core.padEnd(20)} unlimited            bytes     
Max open files            ${files.padEnd(20)} 524288               files     
`;

const unit = (given: Partial<UnitFacts>): readonly string[] =>
  judgeUnit(
    { pid: 77, unit: 'tokenward.service', limits: limits('0', '16384'), stopTimeoutMs: 30_000, ...given },
    25_000,
  ).map(told);

describe('a unit', () => {
  it('that is as it should be', () => {
    expect(unit({})).toEqual([
      'ok unit-core-dumps: core dumps are off',
      'ok unit-open-files: 16384 open files',
      'ok unit-stop-timeout: killed after 30s, and so not within shutdown_grace (25s)',
    ]);
  });

  it.each<[string, Partial<UnitFacts>, string]>([
    [
      'with core dumps',
      { limits: limits('unlimited', '16384') },
      'warning unit-core-dumps: after a crash a core dump may hold the secret in clear text → systemctl edit tokenward.service: [Service] LimitCORE=0; systemctl restart tokenward.service',
    ],
    [
      'with few files',
      { limits: limits('0', '1024') },
      'warning unit-open-files: at most 1024 open files, and each client that stays connected takes one → systemctl edit tokenward.service: [Service] LimitNOFILE=16384; systemctl restart tokenward.service',
    ],
    [
      'that is killed too soon',
      { stopTimeoutMs: 25_000 },
      'warning unit-stop-timeout: killed after 25s, within shutdown_grace (25s): a new secret may not be saved by then → systemctl edit tokenward.service: [Service] TimeoutStopSec=30s',
    ],
    [
      'that is none',
      { unit: null, limits: limits('10', '16384') },
      'warning unit-core-dumps: after a crash a core dump may hold the secret in clear text → ulimit -c 0, in the shell or the script that starts the daemon',
    ],
  ])('%s', (_what, given, line) => {
    expect(unit(given)).toContain(line);
  });

  it('that is never killed, and may open any number of files', () => {
    expect(unit({ stopTimeoutMs: Infinity, limits: limits('0', 'unlimited') }).slice(1)).toEqual([
      'ok unit-open-files: any number of open files',
      'ok unit-stop-timeout: killed never, and so not within shutdown_grace (25s)',
    ]);
  });
});

it.each([
  ['0::/system.slice/tokenward.service\n', 'tokenward.service'],
  ['0::/system.slice/system-tokenward.slice/tokenward@a.service/sub\n', 'tokenward@a.service'],
  ['1:name=systemd:/user.slice/user-0.slice\n0::/\n', null],
  ['', null],
])('the unit in %j is %s', (cgroup, name) => {
  expect(unitIn(cgroup)).toBe(name);
});

it.each([
  ['1min 30s', 90_000],
  ['30s', 30_000],
  ['1h 2.5s', 3_602_500],
  ['500ms', 500],
  ['infinity', Infinity],
  ['', null],
  ['a while', null],
])('systemd writes %j for %s ms', (text, ms) => {
  expect(parseSpan(text)).toBe(ms);
});

const host = (given: Partial<Parameters<typeof judgeHost>[0]>) =>
  judgeHost({ nodeVersion: 'v24.21.0', version: '1.0.0', nativeFailure: null, pod: null, ...given }).map(
    told,
  );

describe('a host', () => {
  it('that is as it should be', () => {
    expect(host({})).toEqual([
      'ok host-runtime: Node.js v24.21.0',
      'ok host-native: loaded: locks and peer checks work',
    ]);
  });

  it('with a runtime that is too old, and without native parts', () => {
    expect(host({ nodeVersion: 'v22.1.0', nativeFailure: 'ERR_DLOPEN_FAILED' })).toEqual([
      'failing host-runtime: Node.js v22.1.0 is too old → install Node.js 24 or later',
      'failing host-native: not loaded (ERR_DLOPEN_FAILED): nothing can be locked, and peers cannot be checked → reinstall tokenward for this processor (STATE_DIR_UNUSABLE)',
    ]);
  });

  it.each([
    [
      { uid: 10_001, hasServiceAccountToken: false, rootIsReadOnly: true },
      [
        'ok pod-user: it runs as uid 10001',
        'ok pod-service-account: no token for the Kubernetes API is mounted',
        'ok pod-root-folder: its root folder is read-only',
      ],
    ],
    [
      { uid: 0, hasServiceAccountToken: true, rootIsReadOnly: false },
      [
        'warning pod-user: it runs as root, which it does not need → securityContext: { runAsNonRoot: true, runAsUser: 10001, fsGroup: 10001 }',
        'warning pod-service-account: a token for the Kubernetes API is mounted, and no agent keeps its secret there → automountServiceAccountToken: false',
        'warning pod-root-folder: its root folder can be written to → securityContext: { readOnlyRootFilesystem: true }',
      ],
    ],
  ])('that is a pod: %j', (pod, lines) => {
    expect(host({ pod: { name: 'logs-0', ...pod } }).slice(2)).toEqual(lines);
  });
});
