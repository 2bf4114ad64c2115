import { describe, expect, it } from 'vitest';
import { type DaemonFacts, judgeDaemon } from '../../../src/doctor/judge-daemon.ts';
import { type ErrorCode, TokenwardError } from '../../../src/domain/errors.ts';
import type { AgentStatus, AlertStatus, Severity } from '../../../src/domain/status.ts';
import { told } from './lines.ts';

const socket = '/run/tokenward/tokenward.sock';
const ours = {
  version: '1.2.3',
  configPath: '/etc/tokenward/config.yaml',
  configChangedAt: new Date('2026-11-28T12:00:00Z'),
};
const info = (version: string) =>
  `# HELP tokenward_build_info x\ntokenward_build_info{version="${version}",node="v24.0.0"} 1\n`;

const facts = (given: Partial<DaemonFacts>): DaemonFacts => ({
  socket,
  pid: 77,
  failure: null,
  metrics: info('1.2.3'),
  statuses: [],
  startedAt: new Date('2026-11-28T12:00:00Z'),
  ...given,
});

const lines = (given: Partial<DaemonFacts>) => judgeDaemon(facts(given), ours).map(told);
const well = [
  'ok daemon-answer: the daemon answers (process 77)',
  'ok daemon-version: version 1.2.3, as this one',
  'ok daemon-config: the daemon goes by it',
  'ok daemon-alert: none stands',
];

it('a daemon that is well', () => {
  expect(lines({})).toEqual(well);
});

const failed = (code: ErrorCode, message: string, sent: boolean, pid: number | null) =>
  lines({ metrics: null, pid, failure: new TokenwardError(code, message, { fields: { sent } }) });

describe('a daemon that does not answer', () => {
  it.each([
    [
      'as it does not run',
      failed('DAEMON_NOT_RUNNING', 'no daemon at x (there is no socket); start it', false, null),
      'warning daemon-answer: no daemon at x (there is no socket) → systemctl start tokenward, or: tokenward run (DAEMON_NOT_RUNNING)',
    ],
    [
      'though it runs',
      failed('DAEMON_NOT_RUNNING', 'no daemon at x (there is no socket); start it', false, 77),
      'failing daemon-answer: no daemon at x (there is no socket), though a daemon runs (process 77) → look at its log (journalctl -u tokenward -e), then: systemctl restart tokenward (DAEMON_NOT_RUNNING)',
    ],
    [
      'as it hangs',
      failed('DAEMON_NOT_RUNNING', 'the daemon at x did not answer within 10 s; look', true, null),
      'failing daemon-answer: the daemon at x did not answer within 10 s, though a daemon runs → look at its log (journalctl -u tokenward -e), then: systemctl restart tokenward (DAEMON_NOT_RUNNING)',
    ],
    [
      'to us',
      failed('PEER_DENIED', 'this user may not connect to x; run this as root', false, 77),
      'warning daemon-answer: this user may not connect to x → run this as root (PEER_DENIED)',
    ],
  ])('%s', (_what, found, line) => {
    expect(found).toEqual([line]);
  });

  it('as there is nowhere to ask', () => {
    expect(lines({ socket: null, metrics: null })).toEqual([
      expect.stringMatching(/^warning daemon-answer: there is no Unix socket .* → add one: listeners/),
    ]);
  });
});

describe('a daemon with another', () => {
  it.each<[string, Partial<DaemonFacts>, string]>([
    [
      'version',
      { metrics: info('1.2.2') },
      'warning daemon-version: the daemon is version 1.2.2, this program is 1.2.3 → systemctl restart tokenward',
    ],
    [
      'configuration',
      { startedAt: new Date('2026-11-28T11:59:57Z') },
      'warning daemon-config: changed after the daemon read it last (2026-11-28T11:59:57.000Z), and not in force yet → tokenward check && systemctl restart tokenward',
    ],
    [
      'configuration, which it refuses',
      { metrics: `${info('1.2.3')}tokenward_config_last_reload_successful 0\n` },
      'failing daemon-config: the daemon has not taken the file as it is now, and goes on with the one before until the file is mended or the daemon restarted → mend what the alert CONFIG_INVALID in tokenward status names (tokenward check names it too, unless only a restart is needed) (CONFIG_INVALID)',
    ],
  ])('%s', (_what, given, line) => {
    const found = lines(given);
    expect(found).toContain(line);
    expect(found.filter((each) => !each.startsWith('ok '))).toHaveLength(1);
  });

  it('configuration that it has read since is none', () => {
    const readAt = 'tokenward_config_last_reload_success_timestamp_seconds 1795867200';
    const metrics = `${info('1.2.3')}tokenward_config_last_reload_successful 1\n${readAt}\n`;
    expect(lines({ metrics, startedAt: new Date(0) })[2]).toBe('ok daemon-config: the daemon goes by it');
  });

  it('start that nobody knows says nothing of the configuration', () => {
    expect(lines({ startedAt: null })).toEqual(well.filter((line) => !line.includes('daemon-config')));
  });
});

const alert = (code: ErrorCode, severity: Severity, summary: string): AlertStatus => ({
  code,
  severity,
  since: '2026-11-28T12:00:00Z',
  summary,
});

const status = (agent: string, alerts: readonly AlertStatus[]) => ({ agent, alerts }) as AgentStatus;

describe('alerts', () => {
  it('are told with their advice, and once for all who have them', () => {
    const invalid = alert('CONFIG_INVALID', 'warning', 'the file has mistakes; run tokenward check');
    const revoked = alert('SECRET_REVOKED', 'critical', 'the secret was revoked');
    const found = judgeDaemon(
      facts({ statuses: [status('a', [invalid, revoked]), status('b', [invalid])] }),
      ours,
    ).slice(3);
    expect(found.map(told)).toEqual([
      'warning daemon-alert: the file has mistakes → run tokenward check (CONFIG_INVALID)',
      'failing daemon-alert: the secret was revoked → tokenward status a (SECRET_REVOKED)',
    ]);
    expect(found.map(({ agents }) => agents)).toEqual([['a', 'b'], ['a']]);
  });

  it('that are not for us are no reason to call all well', () => {
    const refusal = new TokenwardError('PEER_DENIED', 'uid 7 may not "status" here; add a rule');
    expect(lines({ statuses: refusal })[3]).toBe(
      'warning daemon-alert: uid 7 may not "status" here → add a rule (PEER_DENIED)',
    );
  });
});
