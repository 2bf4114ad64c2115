import { describe, expect, it } from 'vitest';
import type { AgentState } from '../../../src/domain/agent-state.ts';
import { alertCatalogue } from '../../../src/domain/alert-catalogue.ts';
import { alertsOf, isoTime } from '../../../src/domain/alerts.ts';
import { addMs, type Stamp } from '../../../src/domain/stamp.ts';
import type { AlertStatus } from '../../../src/domain/status.ts';
import {
  candidateFacts,
  doubt,
  held,
  minute,
  now,
  previous,
  record,
  refusal,
  settings,
  state,
  token,
  trouble,
} from './fixtures.ts';

const halt = { ...settings, inDoubt: 'halt' } as const;
const doubted = record({ current: { doubt: doubt(), uncertain: false } });
const aged = (minutes: number) => token({ sentAt: addMs(now, -minutes * minute) });
const unreachable = trouble('SERVER_UNREACHABLE', 'connection refused', -minute);
const notTaken = { at: now, outcome: 'refused', code: 'HANDOVER_REFUSED' } as const;
const tampered: AlertStatus = {
  code: 'FILE_TAMPERED',
  severity: 'warning',
  since: '2026-01-01T00:00:00Z',
  summary: 'x',
};

/** What stands, as `CODE severity`. */
function standing(over: Partial<AgentState>, at: Stamp = now): readonly string[] {
  return alertsOf(state(over), at).map(({ code, severity }) => `${code} ${severity}`);
}

describe('the alerts that stand', () => {
  const rows: readonly (readonly [string, Partial<AgentState>, readonly string[]])[] = [
    ['nothing is wrong', {}, []],
    ['revoked', { record: record({ refusal: refusal('refused') }) }, ['SECRET_REVOKED critical']],
    ['lost', { record: record({ refusal: refusal('lost') }) }, ['SECRET_LOST_IN_FLIGHT critical']],
    ['only suspected', { record: record({ refusal: refusal('suspected') }) }, []],
    ['a new secret refused', { record: record({ lastExchange: notTaken }) }, ['HANDOVER_REFUSED warning']],
    ['in doubt', { record: doubted }, ['IN_DOUBT warning']],
    ['in doubt under halt', { record: doubted, settings: halt }, ['IN_DOUBT critical']],
    [
      'the previous secret in doubt',
      { record: record({ refusal: refusal('suspected'), previous: previous('p', { doubt: doubt() }) }) },
      ['IN_DOUBT warning'],
    ],
    [
      'a candidate in doubt',
      { candidate: held('c', 4), record: record({ candidate: candidateFacts('c', { doubt: doubt() }) }) },
      ['IN_DOUBT warning'],
    ],
    [
      'a doubt about a candidate that is no more',
      { candidate: held('new', 4), record: record({ candidate: candidateFacts('c', { doubt: doubt() }) }) },
      [],
    ],
    [
      'a hand-over was refused last',
      { record: record({ lastExchange: { at: now, outcome: 'refused', code: 'HANDOVER_REFUSED' } }) },
      ['HANDOVER_REFUSED warning'],
    ],
    [
      'a doubt that ended as lost',
      { record: { ...doubted, refusal: refusal('lost') } },
      ['SECRET_LOST_IN_FLIGHT critical'],
    ],
    ['cloned', { blocked: trouble('STATE_CLONED') }, ['STATE_CLONED critical']],
    ['not saved', { unsaved: trouble('SECRET_NOT_PERSISTED') }, ['SECRET_NOT_PERSISTED critical']],
    [
      'the store fails, the token lives',
      { storeTrouble: trouble('STORE_LOCKED') },
      ['STORE_UNAVAILABLE warning'],
    ],
    [
      'the store fails and there is no token',
      { storeTrouble: trouble('STORE_LOCKED'), token: null },
      ['STORE_UNAVAILABLE critical'],
    ],
    ['a refresh fails, the token lives', { refreshTrouble: unreachable }, ['SERVER_UNREACHABLE warning']],
    [
      'a refresh fails and there is no token',
      { refreshTrouble: unreachable, token: null },
      ['SERVER_UNREACHABLE critical'],
    ],
    [
      'a refresh fails and the token is rejected',
      { refreshTrouble: unreachable, record: record({ rejectedSequence: 3 }) },
      ['TOKEN_REVOKED critical', 'SERVER_UNREACHABLE critical'],
    ],
    [
      'a revoked token was replaced just now',
      {
        settings: { ...settings, rotates: false, tokensRevocable: true },
        proved: true,
        record: record({ rejections: { streak: 1, since: now, lastAt: now, replaced: true } }),
      },
      ['TOKEN_REVOKED warning'],
    ],
    ['a condition of an output', { conditions: { file: tampered } }, ['FILE_TAMPERED warning']],
    [
      'several at once',
      {
        record: doubted,
        storeTrouble: trouble('STORE_HUNG'),
        refreshTrouble: unreachable,
        conditions: { file: tampered },
      },
      [
        'IN_DOUBT warning',
        'STORE_UNAVAILABLE warning',
        'SERVER_UNREACHABLE warning',
        'FILE_TAMPERED warning',
      ],
    ],
    ['a standby tells nothing', { heldElsewhere: { holderPid: 7 }, blocked: trouble('STATE_CLONED') }, []],
  ];

  it.each(rows)('%s', (_what, over, expected) => {
    expect(standing(over)).toEqual(expected);
  });

  it('are as bad as the catalogue says', () => {
    const listed = Object.entries(alertCatalogue).flatMap(([code, { severities }]) =>
      severities.map((severity) => `${code} ${severity}`),
    );
    expect(listed).toEqual(expect.arrayContaining(rows.flatMap(([, over]) => standing(over))));
  });
});

const expiring = (over: Partial<AgentState>, minutes: number) =>
  standing({ token: aged(minutes), ...over }).filter((each) => each.startsWith('TOKEN_EXPIRING'));

describe('a token that ends', () => {
  it.each([
    [14, []],
    [15, ['TOKEN_EXPIRING warning']],
    [23, ['TOKEN_EXPIRING warning']],
    [24, ['TOKEN_EXPIRING critical']],
    [29, ['TOKEN_EXPIRING critical']],
    [30, []],
  ])('and cannot be refreshed, after %d of 30 minutes: %o', (minutes, expected) => {
    expect(expiring({ refreshTrouble: unreachable }, minutes)).toEqual(expected);
    expect(expiring({ refreshTrouble: trouble('IN_DOUBT'), record: doubted }, minutes)).toEqual(expected);
    expect(expiring({ storeTrouble: trouble('STORE_LOCKED') }, minutes)).toEqual(expected);
    expect(expiring({ record: record({ refusal: refusal('refused') }) }, minutes)).toEqual(expected);
    expect(expiring({ record: record({ refusal: refusal('lost') }) }, minutes)).toEqual(expected);
  });

  it.each([15, 24, 29])(
    'and was not tried to refresh yet is nothing to tell, after %d minutes',
    (minutes) => {
      expect(expiring({}, minutes)).toEqual([]);
    },
  );
});

const summaryOf = (over: Partial<AgentState>) => alertsOf(state(over), now)[0]?.summary ?? '';

describe('what an alert says', () => {
  it.each([
    [
      'revoked',
      { record: record({ refusal: refusal('refused') }) },
      ['web-01', 'backup', 'served until 2026-01-01T12:29:00Z', 'tokenward enroll web-01'],
    ],
    [
      'lost',
      { record: record({ refusal: refusal('lost') }) },
      [
        'lost in flight, or revoked meanwhile',
        'served until 2026-01-01T12:29:00Z',
        'tokenward import web-01',
      ],
    ],
    [
      'lost, no token',
      { record: record({ refusal: refusal('lost') }), token: null },
      ['there is no valid token'],
    ],
    [
      'halted',
      { record: doubted, settings: halt },
      ['a person decides', 'tokenward recover web-01', 'tokenward enroll web-01'],
    ],
    [
      'blocked',
      { blocked: trouble('STATE_CLONED', 'another machine') },
      ['another machine', 'tokenward enroll web-01'],
    ],
    [
      'not saved',
      { unsaved: trouble('SECRET_NOT_PERSISTED', 'the disk is full') },
      ['the disk is full', 'do not stop the daemon'],
    ],
    [
      'not saved, but its answer is',
      { unsaved: trouble('SECRET_NOT_PERSISTED', 'the keyring is locked'), answerKept: true },
      ['the keyring is locked', 'kept in the journal', 'a restart loses nothing'],
    ],
  ] as const)('%s: the code, the end of the token, and what to do', (_what, over, parts) => {
    for (const part of parts) expect(summaryOf(over)).toContain(part);
  });

  it('stays the same while it stands', () => {
    const over = {
      record: record({ refusal: refusal('refused') }),
      refreshTrouble: unreachable,
      token: aged(20),
    };
    const before = alertsOf(state(over), now);
    expect(alertsOf(state(over), addMs(now, 61_234))).toEqual(before);
  });

  it('tells since when on the clock of today, also after a reboot', () => {
    const before: Stamp = { bootId: 'boot-0', bootMs: 5, wallMs: now.wallMs - 90_000 };
    const [alert] = alertsOf(state({ record: record({ refusal: refusal('lost', { since: before }) }) }), now);
    expect(alert?.since).toBe(isoTime(now, -now.bootMs));
    const longAgo = { ...before, wallMs: now.wallMs - 86_400_000 };
    const [older] = alertsOf(
      state({ record: record({ refusal: refusal('lost', { since: longAgo }) }) }),
      now,
    );
    expect(older?.since).toBe('2025-12-31T12:00:00Z');
  });
});

describe('a time', () => {
  it.each([
    [0, '2026-01-01T12:00:00Z'],
    [499, '2026-01-01T12:00:00Z'],
    [500, '2026-01-01T12:00:01Z'],
    [-minute, '2026-01-01T11:59:00Z'],
  ])('%d ms from now is written %s', (ms, expected) => {
    expect(isoTime(now, ms)).toBe(expected);
  });
});
