import { describe, expect, it } from 'vitest';
import { formatClock } from '../../../src/cli/format.ts';
import { allLines } from '../../../src/cli/status/page.ts';
import { remainsPage } from '../../../src/cli/status/remains-page.ts';
import { remainsStep } from '../../../src/cli/status/remains-words.ts';
import { terminalStyle } from '../../../src/cli/terminal-style.ts';
import type { AgentRemains } from '../../../src/domain/remains.ts';
import { active, now } from './statuses.ts';

const left: AgentRemains = {
  agent: 'web-01',
  provider: 'vcf-logs',
  state: null,
  token: active.token,
  secret: { status: 'held', generation: 7, store: 'file' },
  last_exchange: active.last_exchange,
  open_attempt: false,
  holder: { status: 'none', pid: null },
  folder: '/var/lib/tokenward/agents/web-01',
  files: [
    { name: 'journal.sealed', modified_at: '2027-01-01T11:59:59.000Z' },
    { name: 'session.sealed', modified_at: '2027-01-01T11:59:59.000Z' },
  ],
  kept_answers: 0,
  set_aside: [],
  token_files: [{ path: '/run/tokenward/web-01.token', status: 'current' }],
  unread: null,
};

const unseen: AgentRemains = {
  ...left,
  agent: 'web-02',
  token: null,
  secret: { status: null, generation: null, store: 'keychain' },
  last_exchange: null,
  open_attempt: null,
  holder: { status: 'held', pid: 123 },
  unread: 'the key is in the keychain',
};

function lines(agents: readonly AgentRemains[], width: number | null, since: Date | null = null) {
  const style = terminalStyle(width === null ? {} : { isTTY: true, columns: width }, {
    LANG: 'C.UTF-8',
    NO_COLOR: '1',
  });
  return allLines(remainsPage(agents, { style, now, named: false, since }));
}

const until = formatClock('2027-01-01T12:29:59Z', now);
const sent = formatClock('2027-01-01T11:59:59Z', now);

it('one agent has everything on a terminal', () => {
  const crashed: AgentRemains = {
    ...left,
    holder: { status: 'left', pid: 99 },
    open_attempt: true,
    kept_answers: 2,
    set_aside: ['set-aside-2027-01-01T00-00-00Z'],
  };
  expect(lines([crashed], 110, new Date('2027-01-01T11:58:00Z'))).toEqual([
    `no daemon answers since ${formatClock('2027-01-01T11:58:00Z', now)} (2m ago); this is what the state folder and the locks tell`,
    '',
    '○ web-01: no process holds it that can be seen here; process 99 left its lock behind, as after a kill',
    `   Token: valid 29m (${until}), number 9`,
    '    File: /run/tokenward/web-01.token holds this token',
    '  Secret: held, generation 7, file store',
    `    Last: granted 1s ago (${sent})`,
    `  Stored: journal ${sent}, session ${sent}; in /var/lib/tokenward/agents/web-01`,
    '      Do: systemctl start tokenward, or: tokenward run',
    '',
    'web-01: an exchange was sent and its end is not recorded; the next start settles it',
    'web-01: 2 answers of the server are kept; the next start reads what it needs of them',
    'web-01: set aside by `tokenward recover`: /var/lib/tokenward/agents/web-01/set-aside-2027-01-01T00-00-00Z',
  ]);
});

it('several are a table, whose unknown cells say so', () => {
  expect(lines([left, unseen], null)).toEqual([
    'AGENT   DAEMON       TOKEN                             SECRET  GENERATION  DO',
    'web-01  none         valid 29m (2027-01-01T12:29:59Z)  held    7           systemctl start tokenward',
    'web-02  process 123  ?                                 ?       ?           journalctl _PID=123',
    '',
    'web-02: not everything could be read: the key is in the keychain',
  ]);
});

it('folds at 40 columns', () => {
  expect(lines([left, unseen], 40)).toEqual([
    'no daemon answers; this is what the',
    'state folder and the locks tell',
    '',
    '  AGENT   DAEMON       TOKEN',
    `○ web-01  none         valid 29m (${until})`,
    '  → systemctl start tokenward',
    '▲ web-02  process 123  ?',
    '  → journalctl _PID=123',
    '',
    'web-02: not everything could be read:',
    '  the key is in the keychain',
  ]);
});

describe('what to do', () => {
  const withSecret = (secret: Partial<AgentRemains['secret']>) => ({
    ...left,
    secret: { ...left.secret, ...secret },
  });

  it.each([
    ['nobody runs', left, 'systemctl start tokenward'],
    ['somebody runs', unseen, 'journalctl _PID=123'],
    ['no secret', withSecret({ status: 'absent' }), 'tokenward enroll web-01'],
    ['a refused one', withSecret({ status: 'refused' }), 'tokenward enroll web-01'],
    ['a lost one', withSecret({ status: 'lost' }), 'tokenward enroll web-01'],
    ['none in memory', withSecret({ status: 'absent', store: 'memory' }), 'systemctl start tokenward'],
  ] as const)('%s', (_what, remains, step) => {
    expect(remainsStep(remains)).toBe(step);
  });
});
