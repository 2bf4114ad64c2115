import { describe, expect, it } from 'vitest';
import type { AgentEvent } from '../../../src/domain/agent-event.ts';
import type { AgentSettings, AgentState, Phase } from '../../../src/domain/agent-state.ts';
import { addMs } from '../../../src/domain/stamp.ts';
import { transition } from '../../../src/domain/transition.ts';
import { attempt, moment, now, record, settings, state, stored, ttlMs } from './fixtures.ts';

/** A changed configuration: when an agent begins to go by it, and when it says so. */

const other: AgentSettings = { ...settings, ttlMs: 2 * ttlMs, maxExchangesPerMinute: 60 };
const elsewhere: AgentSettings = { ...settings, origin: 'https://other.example.com' };

const reconfigured = (to: AgentSettings, request = 's'): Extract<AgentEvent, { type: 'reconfigured' }> => {
  return { type: 'reconfigured', request, settings: to };
};
const acknowledgement = (request = 's') => {
  return { do: 'reply', request, topic: 'reconfigured', error: null };
};

const http = { kind: 'http', status: 200, headers: {}, body: new Uint8Array(), complete: true } as const;
const saving: Phase = {
  name: 'saving',
  steps: [{ save: 'record', record: record() }],
  retryAt: null,
  purpose: { kind: 'outcome' },
};

describe('an agent at rest', () => {
  it('goes by the new settings at once', () => {
    const { state: after, effects } = transition(state(), reconfigured(other), moment());
    expect(after.settings).toBe(other);
    expect(after.queuedSettings).toBe(null);
    expect(effects).toEqual([{ do: 'use-settings', settings: other }, acknowledgement()]);
  });

  it('keeps its token, and is not opened anew', () => {
    const before = state();
    const { state: after } = transition(before, reconfigured(other), moment());
    expect([after.token, after.opened, after.phase]).toEqual([before.token, true, { name: 'waiting' }]);
  });

  it('tries again at once what was paused', () => {
    const failing: Partial<AgentState> = {
      token: null,
      failures: 7,
      backoffUntil: addMs(now, 60_000),
      refreshTrouble: { code: 'SERVER_TLS_FAILED', detail: 'a wrong ca_file', since: now },
    };
    const { state: after, effects } = transition(state(failing), reconfigured(other), moment());
    expect(after.phase).toEqual({ name: 'preparing', slot: 'current' });
    expect(effects.at(-1)).toEqual({ do: 'prepare' });
  });

  it('obeys the wish of a server that stays the same, and of no other', () => {
    const asked = { token: null, retryAfterUntil: addMs(now, 60_000) };
    expect(transition(state(asked), reconfigured(other), moment()).state.phase).toEqual({ name: 'waiting' });
    const moved = transition(state(asked), reconfigured(elsewhere), moment()).state;
    expect(moved.retryAfterUntil).toBe(null);
  });

  it('is judged as at a start when its server is another one', () => {
    const { state: opening, effects } = transition(state(), reconfigured(elsewhere), moment());
    expect(opening.phase).toEqual({ name: 'opening' });
    expect(effects).toEqual([{ do: 'use-settings', settings: elsewhere }, acknowledgement(), { do: 'open' }]);
    const view = {
      identity: 'host:one',
      keyPresent: true,
      sealedStatePresent: true,
      current: stored('current', 3),
      candidate: null,
      record: record(),
      session: opening.token,
      raws: [],
    };
    const opened = transition(opening, { type: 'opened', view }, moment()).state;
    expect(opened.blocked?.code).toBe('SERVER_CHANGED');
    const back = transition(opened, reconfigured(settings), moment()).state;
    expect(transition(back, { type: 'opened', view }, moment()).state.blocked).toBe(null);
  });
});

const sending: readonly Phase[] = [
  { name: 'preparing', slot: 'current' },
  { name: 'saving-intent', attempt: attempt(), record: record({ intent: attempt() }) },
  { name: 'exchanging', attempt: attempt() },
];
const notSending: readonly Phase[] = [
  { name: 'opening' },
  { name: 'saving-raw', attempt: attempt(), answer: http, answeredAt: now },
  { name: 'interpreting', attempt: attempt(), answeredAt: now },
  saving,
  { name: 'maintenance' },
];

describe('an agent that may send a request by its old settings', () => {
  it.each(sending)('says nothing while $name', (phase) => {
    const before = state({ phase });
    const { state: after, effects } = transition(before, reconfigured(other), moment());
    expect(effects).toEqual([]);
    expect(after.settings).toBe(settings);
    expect(after.queuedSettings).toEqual({ settings: other, requests: ['s'] });
  });

  it('does not use a connection that was made by them', () => {
    const queued = { phase: sending[0]!, token: null, queuedSettings: { settings: other, requests: ['s'] } };
    const view = { current: stored('current', 3), candidate: null };
    const { state: after, effects } = transition(state(queued), { type: 'prepared', view }, moment());
    expect(effects).toEqual([
      { do: 'disconnect' },
      { do: 'use-settings', settings: other },
      acknowledgement(),
      { do: 'prepare' },
    ]);
    expect(after.phase).toEqual({ name: 'preparing', slot: 'current' });
  });

  it('says so when the answer is there, before anything is saved', () => {
    const queued = { phase: sending[2]!, queuedSettings: { settings: other, requests: ['s', 't'] } };
    const { state: after, effects } = transition(state(queued), { type: 'answered', answer: http }, moment());
    expect(effects.slice(-2)).toEqual([acknowledgement('s'), acknowledgement('t')]);
    expect(after.queuedSettings).toEqual({ settings: other, requests: [] });
    expect(after.settings).toBe(settings);
  });
});

describe('an agent that sends nothing before it is at rest', () => {
  it.each(notSending)(
    'says at once while $name that every new exchange goes by the new settings',
    (phase) => {
      const { state: after, effects } = transition(state({ phase }), reconfigured(other), moment());
      expect(effects).toEqual([acknowledgement()]);
      expect(after.settings).toBe(settings);
      expect(after.queuedSettings).toEqual({ settings: other, requests: [] });
    },
  );

  it('takes them up when what is under way has ended', () => {
    const queued = { phase: saving, queuedSettings: { settings: other, requests: [] } };
    const { state: after, effects } = transition(state(queued), { type: 'step-saved' }, moment());
    expect(after.settings).toBe(other);
    expect(effects).toEqual([{ do: 'use-settings', settings: other }]);
  });
});

describe('several changes', () => {
  it('leave the newest, and everybody is told', () => {
    const exchanging = state({ phase: sending[2]! });
    const first = transition(exchanging, reconfigured(elsewhere, 'one'), moment()).state;
    const second = transition(first, reconfigured(other, 'two'), moment()).state;
    expect(second.queuedSettings).toEqual({ settings: other, requests: ['one', 'two'] });
  });

  it('are refused with everything else at the stop', () => {
    const queued = {
      phase: sending[0]!,
      stopping: true,
      queuedSettings: { settings: other, requests: ['s'] },
    };
    const view = { current: stored('current', 3), candidate: null };
    const { state: after, effects } = transition(state(queued), { type: 'prepared', view }, moment());
    expect(after.phase).toEqual({ name: 'stopped' });
    const told = effects.flatMap((effect) => (effect.do === 'reply' ? [effect.error?.code] : []));
    expect(told).toEqual(['SHUTTING_DOWN']);
  });
});
