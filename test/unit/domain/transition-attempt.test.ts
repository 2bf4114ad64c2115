import { describe, expect, it } from 'vitest';
import type { AgentEvent, StoreView } from '../../../src/domain/agent-event.ts';
import type { AgentState, Phase } from '../../../src/domain/agent-state.ts';
import { addMs } from '../../../src/domain/stamp.ts';
import { transition } from '../../../src/domain/transition.ts';
import { credential } from '../../../src/platform/fingerprint.ts';
import {
  attempt,
  candidateFacts,
  deeds,
  held,
  moment,
  now,
  record,
  replies,
  state,
  stored,
  trouble,
} from './fixtures.ts';

const preparing: Phase = { name: 'preparing', slot: 'current' };
const agreeing: StoreView = { current: stored('current', 3), candidate: null };

function step(over: Partial<AgentState>, event: AgentEvent) {
  return transition(state(over), event, moment());
}

describe('a prepared attempt', () => {
  const due: Partial<AgentState> = { phase: preparing, token: null };

  it('writes its intent before anything is sent', () => {
    const { state: after, effects } = step(due, { type: 'prepared', view: agreeing });
    const intent = attempt({ id: 'id-of-the-moment' });
    const expected = record({ intent, bucket: { level: 5, at: now } });
    expect(after.phase).toEqual({ name: 'saving-intent', attempt: intent, record: expected });
    expect(effects).toEqual([{ do: 'save-intent', record: expected }]);
    expect(after.record, 'what is not saved is not known yet').toEqual(record());
  });

  it.each([
    ['a stop was asked for', { stopping: true }, 'stopped', ['disconnect']],
    [
      'a hand-over waits',
      { queuedHandOver: { request: 'h', secret: credential('new') } },
      'saving',
      ['disconnect', 'save'],
    ],
    ['the bucket is empty', { record: record({ bucket: { level: 0, at: now } }) }, 'waiting', ['disconnect']],
    ['the server asked to wait', { retryAfterUntil: addMs(now, 5_000) }, 'waiting', ['disconnect']],
    ['it is not due any more', { token: state().token }, 'waiting', ['disconnect']],
  ] as const)('sends nothing where %s', (_what, over, phase, expected) => {
    const { state: after, effects } = step({ ...due, ...over }, { type: 'prepared', view: agreeing });
    expect(after.phase.name).toBe(phase);
    expect(deeds(effects)).toEqual(expected);
  });

  it('gives way to a candidate that is found in the store', () => {
    const view = { ...agreeing, candidate: stored('handed over', 4) };
    const { state: after, effects } = step(due, { type: 'prepared', view });
    expect(after).toMatchObject({
      phase: { name: 'preparing', slot: 'candidate' },
      candidate: held('handed over', 4),
    });
    expect(deeds(effects)).toEqual(['disconnect', 'prepare']);
  });

  it('adopts a newer secret that it finds, and does not send the old one', () => {
    const view = { ...agreeing, current: stored('newer', 4) };
    const { state: after, effects } = step(due, { type: 'prepared', view });
    expect(after).toMatchObject({
      phase: { name: 'saving' },
      current: held('newer', 4),
      record: { generation: 4 },
    });
    expect(deeds(effects)).toEqual(['disconnect', 'save']);
  });

  it('re-commits the kept secret to a store that lost it', () => {
    const { state: after, effects } = step(due, {
      type: 'prepared',
      view: { ...agreeing, current: stored('previous', 2) },
    });
    expect(after.phase).toMatchObject({ name: 'saving', purpose: { kind: 'recommit' } });
    expect(effects.at(-1)).toMatchObject({
      do: 'save',
      step: { save: 'current', secret: held('current', 3) },
    });
  });

  it.each([
    ['STATE_UNREADABLE', { current: 'unreadable', candidate: null }],
    ['STORE_MISMATCH', { current: stored('current', 3, { owner: 'state-2' }), candidate: null }],
    ['STATE_ROLLED_BACK', { current: stored('another', 3), candidate: null }],
  ] as const)('is stopped by %s, and whoever asked is told', (code, view) => {
    const { state: after, effects } = step({ ...due, refreshRequests: ['r'] }, { type: 'prepared', view });
    expect(after.phase).toEqual({ name: 'waiting' });
    expect(after.blocked).toEqual({ code, detail: expect.any(String) as string, since: now });
    expect(deeds(effects)).toEqual(['disconnect', 'reply']);
    expect(replies(effects)).toEqual([['refreshed', code]]);
  });

  it('of a candidate goes on in spite of a block', () => {
    const over: Partial<AgentState> = {
      ...due,
      phase: { name: 'preparing', slot: 'candidate' },
      identity: 'host:two',
      blocked: trouble('STATE_CLONED', 'x', -60_000),
      candidate: held('handed over', 4),
      record: record({ candidate: candidateFacts('handed over') }),
    };
    const view = { ...agreeing, candidate: stored('handed over', 4) };
    const { state: after } = step(over, { type: 'prepared', view });
    expect(after).toMatchObject({ phase: { name: 'saving-intent', attempt: { slot: 'candidate' } } });
    expect(after.blocked?.since, 'blocked for as long as before').toEqual(addMs(now, -60_000));
  });

  it('ends a block whose cause is gone', () => {
    const blocked = { ...due, blocked: trouble('STATE_CLONED') };
    expect(step(blocked, { type: 'prepared', view: agreeing }).state.blocked).toBeNull();
  });
});

describe('what keeps an attempt from being sent', () => {
  const failure = { code: 'STORE_LOCKED', detail: 'locked' } as const;

  it.each([
    ['the store', { type: 'store-failed', failure }, 'storeTrouble', 'STORE_UNAVAILABLE', []],
    ['the intent', { type: 'intent-failed', failure }, 'storeTrouble', 'STORE_UNAVAILABLE', ['disconnect']],
    [
      'the connection',
      { type: 'not-connected', failure: { code: 'SERVER_TLS_FAILED', detail: 'x' } },
      'refreshTrouble',
      'SERVER_TLS_FAILED',
      [],
    ],
  ] as const)(
    '%s: a pause, the trouble stands, the secret is untouched, and whoever asked is told',
    (_what, event, field, code, first) => {
      const phase: Phase =
        event.type === 'intent-failed'
          ? { name: 'saving-intent', attempt: attempt(), record: record({ intent: attempt() }) }
          : preparing;
      const { state: after, effects } = step({ phase, token: null, refreshRequests: ['r'] }, event);
      expect(after).toMatchObject({
        phase: { name: 'waiting' },
        failures: 1,
        refreshRequests: [],
        record: record(),
      });
      expect(after[field]).toMatchObject({ code: event.failure.code, since: now });
      expect(after.backoffUntil).toEqual(addMs(now, 500));
      expect(deeds(effects)).toEqual([...first, 'reply']);
      expect(replies(effects)).toEqual([['refreshed', code]]);
    },
  );

  it('keeps since when the store fails, and forgets it when the store answers', () => {
    const failing = { phase: preparing, token: null, storeTrouble: trouble('STORE_LOCKED', 'x', -60_000) };
    const again = step(failing, { type: 'store-failed', failure }).state;
    expect(again.storeTrouble?.since).toEqual(addMs(now, -60_000));
    expect(step(failing, { type: 'prepared', view: agreeing }).state.storeTrouble).toBeNull();
    const offline = step(failing, {
      type: 'not-connected',
      failure: { code: 'SERVER_UNREACHABLE', detail: 'x' },
    });
    expect(offline.state.storeTrouble).toBeNull();
  });

  it('a lost lock starts everything over', () => {
    const { state: after, effects } = step(
      { phase: preparing, refreshRequests: ['r'] },
      { type: 'lock-lost' },
    );
    expect(after).toMatchObject({ phase: { name: 'opening' }, opened: false, refreshRequests: ['r'] });
    expect(effects).toEqual([{ do: 'open' }]);
  });
});
