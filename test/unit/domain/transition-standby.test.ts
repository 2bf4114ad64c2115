import { describe, expect, it } from 'vitest';
import { initialState, type AgentSettings, type AgentState } from '../../../src/domain/agent-state.ts';
import { alertsOf } from '../../../src/domain/alerts.ts';
import { factsOf, labelOf } from '../../../src/domain/facts.ts';
import { plan, tokenUsable } from '../../../src/domain/plan.ts';
import { addMs } from '../../../src/domain/stamp.ts';
import { isKnown } from '../../../src/domain/standby.ts';
import { transition } from '../../../src/domain/transition.ts';
import { credential } from '../../../src/platform/fingerprint.ts';
import {
  attempt,
  deeds,
  minute,
  moment,
  now,
  record,
  replies,
  settings,
  stored,
  token,
  ttlMs,
} from './fixtures.ts';

const shared: AgentSettings = { ...settings, store: 'kubernetes' };
const heldByPod = { type: 'held-elsewhere', holderPid: null, holder: 'logs-1' } as const;
const view = { record: record(), session: token(), current: stored('current', 3) };

function standbyOf(over: Partial<AgentState> = {}): AgentState {
  return transition({ ...initialState(shared), ...over }, heldByPod, moment()).state;
}

describe('a standby that shares its store with the holder', () => {
  it('reads what is there, and asks for the lease again after 5 s', () => {
    const { state: standby, effects } = transition(
      { ...initialState(shared), refreshRequests: ['r'] },
      heldByPod,
      moment(),
    );
    expect(deeds(effects)).toEqual(['reply', 'observe']);
    expect(replies(effects)).toEqual([['refreshed', 'AGENT_HELD']]);
    expect(JSON.stringify(effects), 'the holder is named').toContain('logs-1 holds the agent');
    expect(deeds(transition(standby, { type: 'woke' }, moment(4_999)).effects)).toEqual([]);
    expect(deeds(transition(standby, { type: 'woke' }, moment(5_000)).effects)).toEqual(['open']);
  });

  it('serves what it read, and is ready with it', () => {
    const { state: served, effects } = transition(standbyOf(), { type: 'observed', view }, moment());
    expect(deeds(effects)).toEqual(['publish']);
    expect(tokenUsable(served, now)).toBe(true);
    expect(labelOf(factsOf(served, now))).toBe('standby');
    expect(isKnown(served)).toBe(true);
    expect(alertsOf(served, now)).toEqual([]);
  });

  it('reads anew when the store changes, and takes the newer token only', () => {
    const served = transition(standbyOf(), { type: 'observed', view }, moment()).state;
    expect(deeds(transition(served, { type: 'store-changed' }, moment()).effects)).toEqual(['observe']);
    const again = transition(served, { type: 'observed', view }, moment());
    expect(again.effects).toEqual([]);
    const next = token({ ...credential('newer'), sequence: 4 });
    const older = token({ ...credential('older'), sequence: 2 });
    const newer = transition(served, { type: 'observed', view: { ...view, session: next } }, moment());
    expect(newer.state.token).toEqual(next);
    expect(deeds(newer.effects)).toEqual(['publish']);
    const late = transition(newer.state, { type: 'observed', view: { ...view, session: older } }, moment());
    expect(late.state.token).toEqual(next);
  });

  it.each([
    ['later', 1, 'other'],
    ['earlier', -1, 'token'],
  ])('takes another token of the same number where it was sent %s', (_when, afterMs, expected) => {
    const served = transition(standbyOf(), { type: 'observed', view }, moment()).state;
    const other = token({ ...credential('other'), sentAt: addMs(token().sentAt, afterMs) });
    const { state: after } = transition(
      served,
      { type: 'observed', view: { ...view, session: other } },
      moment(),
    );
    expect(after.token?.fingerprint).toBe(credential(expected).fingerprint);
  });

  it('withdraws a token that the holder found dead', () => {
    const served = transition(standbyOf(), { type: 'observed', view }, moment()).state;
    const dead = { ...view, record: record({ rejectedSequence: 3 }) };
    const { state: after, effects } = transition(served, { type: 'observed', view: dead }, moment());
    expect(deeds(effects)).toEqual(['withdraw']);
    expect(tokenUsable(after, now)).toBe(false);
  });

  it('repeats a look that failed with the next poll, and no other', () => {
    const failed = transition(standbyOf(), { type: 'observe-failed' }, moment()).state;
    const polled = transition({ ...failed, phase: { name: 'opening' } }, heldByPod, moment());
    expect(deeds(polled.effects)).toEqual(['observe']);
    const served = transition(failed, { type: 'observed', view }, moment()).state;
    const next = transition({ ...served, phase: { name: 'opening' } }, heldByPod, moment());
    expect(deeds(next.effects)).toEqual([]);
  });

  it.each([
    [ttlMs, []],
    [5 * minute, []],
    [2 * minute, ['warning']],
    [1, ['warning']],
    [-1, ['critical']],
  ])('tells when its token is left to end: %i ms of life', (leftMs, severities) => {
    const served = transition(standbyOf(), { type: 'observed', view }, moment()).state;
    const then = addMs(token().sentAt, ttlMs - leftMs);
    const alerts = alertsOf(served, then);
    expect(alerts.map(({ severity }) => severity)).toEqual(severities);
    expect(alerts.every(({ code }) => code === 'TOKEN_EXPIRING')).toBe(true);
  });

  it('that becomes the holder goes on with what it reads then', () => {
    const served = transition(standbyOf(), { type: 'observed', view }, moment()).state;
    const opening = { ...served, phase: { name: 'opening' } } as const;
    const opened = { ...view, identity: 'host:one', keyPresent: true, sealedStatePresent: true };
    const { state: holder } = transition(
      opening,
      { type: 'opened', view: { ...opened, candidate: null, raws: [] } },
      moment(),
    );
    expect(holder).toMatchObject({ heldElsewhere: null, opened: true, observationDue: false });
    const late = transition(holder, { type: 'observed', view: { ...view, session: null } }, moment());
    expect(late.state, 'a look that ends late changes nothing').toBe(holder);
  });
});

describe('a standby of another store', () => {
  it('looks at nothing', () => {
    const { state: standby, effects } = transition(initialState(settings), heldByPod, moment());
    expect(deeds(effects)).toEqual([]);
    expect(transition(standby, { type: 'store-changed' }, moment()).effects).toEqual([]);
    expect(transition(standby, { type: 'observed', view }, moment()).state).toBe(standby);
  });
});

describe('a standby that cannot reach the store', () => {
  const failure = { code: 'STORE_UNREACHABLE', detail: 'no answer' } as const;

  it('stays one, serves on, and tells of it', () => {
    const served = transition(standbyOf(), { type: 'observed', view }, moment()).state;
    const opening = { ...served, phase: { name: 'opening' } } as const;
    const { state: after } = transition(opening, { type: 'open-failed', failure }, moment());
    expect(labelOf(factsOf(after, now))).toBe('standby');
    expect(tokenUsable(after, now)).toBe(true);
    expect(alertsOf(after, now)).toMatchObject([{ code: 'STORE_UNAVAILABLE', severity: 'warning' }]);
    const polled = transition({ ...after, phase: { name: 'opening' } }, heldByPod, moment());
    expect(alertsOf(polled.state, now), 'it is over when the store answers').toEqual([]);
  });
});

describe('an attempt that another pod began', () => {
  const begun = record({ intent: attempt() });
  const opened = { ...view, record: begun, identity: 'host:one', keyPresent: true, sealedStatePresent: true };
  const found = { type: 'opened', view: { ...opened, candidate: null, raws: [] } } as const;

  function replayIn(over: Partial<AgentState>) {
    const opening: AgentState = { ...initialState(shared), ...over };
    const { state: saving } = transition(opening, found, moment());
    const { state: waiting } = transition(saving, { type: 'step-saved' }, moment());
    return plan(waiting, now);
  }

  it('is sent again only towards the end of the token: the other one may still bring its answer', () => {
    expect(replayIn({})).toEqual({ do: 'wait', for: 'replay', afterMs: ttlMs - minute - 2 * minute });
  });

  it('is sent again as soon as it is over where the store is of one host', () => {
    expect(replayIn({ settings })).toEqual({ do: 'wait', for: 'replay', afterMs: 15_000 });
  });
});
