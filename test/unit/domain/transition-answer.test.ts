import { describe, expect, it } from 'vitest';
import type { AgentEvent, StoreView } from '../../../src/domain/agent-event.ts';
import type { AgentState, Phase } from '../../../src/domain/agent-state.ts';
import type { Answer, HttpAnswer } from '../../../src/domain/outcome.ts';
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
  refusal,
  state,
  stored,
} from './fixtures.ts';

const agreeing: StoreView = { current: stored('current', 3), candidate: null };
const http: HttpAnswer = {
  kind: 'http',
  status: 200,
  headers: {},
  body: new Uint8Array([1]),
  complete: true,
};

function step(over: Partial<AgentState>, event: AgentEvent) {
  return transition(state(over), event, moment());
}

describe('an intent that is saved', () => {
  it('is known, and the request goes out', () => {
    const intended = record({ intent: attempt(), bucket: { level: 5, at: now } });
    const phase: Phase = { name: 'saving-intent', attempt: attempt(), record: intended };
    const { state: after, effects } = step({ phase }, { type: 'intent-saved' });
    expect(after).toMatchObject({ phase: { name: 'exchanging' }, record: intended });
    expect(effects).toEqual([{ do: 'exchange', attempt: attempt(), secret: credential('current').text }]);
  });
});

describe('an answer', () => {
  const exchanging: Phase = { name: 'exchanging', attempt: attempt() };
  const savingRaw: Phase = { name: 'saving-raw', attempt: attempt(), answer: http, answeredAt: now };
  const interpreting: Phase = { name: 'interpreting', attempt: attempt(), answeredAt: now };

  it('is saved before anyone looks into it', () => {
    const { state: after, effects } = step({ phase: exchanging }, { type: 'answered', answer: http });
    expect(after.phase).toEqual(savingRaw);
    expect(effects).toEqual([{ do: 'save-raw', raw: { attempt: attempt(), answer: http } }]);
  });

  it.each<Answer>([
    { kind: 'unanswered', reason: 'timeout' },
    { kind: 'not-sent', code: 'INTERNAL', reason: 'no connection' },
  ])('of which nothing arrived is not saved: $kind', (answer) => {
    const { state: after, effects } = step({ phase: exchanging }, { type: 'answered', answer });
    expect(after.phase).toEqual(interpreting);
    expect(effects).toEqual([{ do: 'interpret', answer }]);
  });

  it('is read when it is saved', () => {
    const { state: after, effects } = transition(
      state({ phase: savingRaw }),
      { type: 'raw-saved' },
      moment(7),
    );
    expect(after).toMatchObject({ phase: interpreting, answerKept: true });
    expect(effects).toEqual([
      { do: 'note', note: { event: 'answer-durable', tookMs: 7 } },
      { do: 'interpret', answer: http },
    ]);
  });

  it('is read too when it could not be saved: the store may take the secret', () => {
    const failure = { code: 'STORE_UNAVAILABLE', detail: 'full' } as const;
    const { state: after, effects } = step({ phase: savingRaw }, { type: 'raw-failed', failure });
    expect(after).toMatchObject({ phase: interpreting, answerKept: false });
    expect(deeds(effects)).toEqual(['interpret']);
  });
});

describe('which secret goes out', () => {
  it.each([
    ['previous', { record: record({ refusal: refusal('suspected') }) }, 'previous'],
    [
      'candidate',
      { candidate: held('handed over', 4), record: record({ candidate: candidateFacts('handed over') }) },
      'handed over',
    ],
  ] as const)('%s', (slot, over, text) => {
    const view = { ...agreeing, candidate: slot === 'candidate' ? stored('handed over', 4) : null };
    const prepared = step({ phase: { name: 'preparing', slot }, ...over }, { type: 'prepared', view });
    const { effects } = transition(prepared.state, { type: 'intent-saved' }, moment());
    const [sent] = effects;
    expect(sent?.do === 'exchange' && sent.secret.reveal()).toBe(text);
    expect(sent?.do === 'exchange' && sent.attempt).toMatchObject({
      slot,
      fingerprint: credential(text).fingerprint,
    });
  });
});
