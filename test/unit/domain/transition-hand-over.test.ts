import { describe, expect, it } from 'vitest';
import type { AgentEvent } from '../../../src/domain/agent-event.ts';
import type { AgentState, Phase } from '../../../src/domain/agent-state.ts';
import type { SaveStep } from '../../../src/domain/save-step.ts';
import { addMs } from '../../../src/domain/stamp.ts';
import { transition } from '../../../src/domain/transition.ts';
import { credential } from '../../../src/platform/fingerprint.ts';
import {
  attempt,
  candidateFacts,
  doubt,
  held,
  moment,
  now,
  record,
  refusal,
  replies,
  state,
  trouble,
} from './fixtures.ts';

const secret = credential('handed over');
const handOver = { request: 'h', secret };

function handedOver(over: Partial<AgentState>) {
  return transition(state(over), { type: 'handed-over', ...handOver }, moment());
}

function stepsOf({ phase }: AgentState): readonly SaveStep[] {
  return phase.name === 'saving' ? phase.steps : [];
}

/** Takes a state through as many saved steps as there are. */
function through(before: AgentState, events: readonly AgentEvent['type'][]): AgentState {
  const failure = { code: 'STORE_UNAVAILABLE', detail: 'full' } as const;
  let after = before;
  for (const type of events)
    after = transition(
      after,
      type === 'step-failed' ? { type, failure } : ({ type } as AgentEvent),
      moment(),
    ).state;
  return after;
}

describe('a hand-over', () => {
  it('is stored beside the current secret before the journal speaks of it', () => {
    const before = record({ refusal: refusal('lost'), bucket: { level: 0, at: now } });
    const { state: after, effects } = handedOver({ record: before });
    const next = { ...before, candidate: candidateFacts('handed over'), bucket: { level: 6, at: now } };
    expect(stepsOf(after)).toEqual([
      { save: 'candidate', secret: held('handed over', 4), record: next },
      { save: 'record', record: next },
    ]);
    expect(after).toMatchObject({ candidate: null, record: before });
    expect(replies(effects), 'nobody is told before it is durable').toEqual([]);
  });

  it('of the first secret of all makes the key and the record first', () => {
    const { state: after } = handedOver({ record: null, current: null, token: null });
    expect(stepsOf(after).map((step) => step.save)).toEqual(['key', 'record', 'candidate']);
    expect(stepsOf(after)[1]).toMatchObject({
      record: { stateId: 'id-of-the-moment', identity: 'host:one', generation: 0 },
    });
    expect(stepsOf(after)[2]).toMatchObject({ secret: { generation: 1 } });
  });

  it.each([
    ['all is well', {}],
    ['refused', { record: record({ refusal: refusal('refused') }) }],
    ['lost', { record: record({ refusal: refusal('lost') }) }],
    ['in doubt', { record: record({ current: { doubt: doubt(), uncertain: false } }) }],
    ['cloned', { blocked: trouble('STATE_CLONED') }],
    ['rolled back', { blocked: trouble('STATE_ROLLED_BACK') }],
    ['another server', { blocked: trouble('SERVER_CHANGED') }],
    ['the store failed a moment ago', { storeTrouble: trouble('STORE_UNAVAILABLE') }],
  ])('is taken, and sent at once: %s', (_what, over) => {
    const { state: begun } = handedOver(over);
    const stored = through(begun, ['step-saved', 'step-saved']);
    expect(stored).toMatchObject({
      phase: { name: 'preparing', slot: 'candidate' },
      verdictRequest: handOver,
    });
  });

  it.each([
    [
      'standby',
      { opened: false, heldElsewhere: { holderPid: 7 }, backoffUntil: addMs(now, 900) },
      'AGENT_HELD',
    ],
    [
      'the store is locked',
      { opened: false, storeTrouble: trouble('STORE_LOCKED'), backoffUntil: addMs(now, 900) },
      'STORE_LOCKED',
    ],
    ['unreadable', { blocked: trouble('STATE_UNREADABLE') }, 'STATE_UNREADABLE'],
    ['another owner', { blocked: trouble('STORE_MISMATCH') }, 'STORE_MISMATCH'],
    [
      'a grant is not saved',
      {
        unsaved: trouble('SECRET_NOT_PERSISTED'),
        phase: { name: 'saving', steps: [], retryAt: now, purpose: { kind: 'grant', slot: 'current' } },
      },
      'SECRET_NOT_PERSISTED',
    ],
    ['stopped', { phase: { name: 'stopped' } }, 'SHUTTING_DOWN'],
  ] as const)('is refused at once: %s', (_what, over, code) => {
    const { state: after, effects } = handedOver(over);
    expect(after).toEqual(state(over));
    expect(replies(effects)).toEqual([['stored', code]]);
  });

  const busy: readonly Phase[] = [
    { name: 'opening' },
    { name: 'preparing', slot: 'current' },
    { name: 'exchanging', attempt: attempt() },
    { name: 'saving', steps: [{ save: 'key' }], retryAt: null, purpose: { kind: 'outcome' } },
  ];

  it.each(busy)('waits for what is under way: $name', (phase) => {
    const { state: after, effects } = handedOver({ phase });
    expect(after).toEqual(state({ phase, queuedHandOver: handOver }));
    expect(effects).toEqual([]);
  });

  it('takes the place of one that still waits', () => {
    const phase: Phase = { name: 'exchanging', attempt: attempt() };
    const { state: after, effects } = handedOver({
      phase,
      queuedHandOver: { request: 'older', secret: credential('older') },
    });
    expect(after.queuedHandOver).toEqual(handOver);
    expect(effects).toEqual([
      {
        do: 'reply',
        request: 'older',
        topic: 'stored',
        error: expect.objectContaining({ code: 'HANDOVER_REFUSED' }) as unknown,
      },
    ]);
  });
});

describe('a hand-over that fails', () => {
  const refusedOne = {
    candidate: held('refused', 4),
    record: record({ candidate: candidateFacts('refused', { settled: true }) }),
  };
  const doubtedOne = {
    candidate: held('doubted', 4),
    record: record({ candidate: candidateFacts('doubted', { doubt: doubt() }) }),
  };

  it.each([
    ['at the store', ['step-failed']],
    ['at the journal', ['step-saved', 'step-failed']],
  ] as const)('%s does not make a refused candidate one that waits', (_what, events) => {
    const after = through(handedOver(refusedOne).state, events);
    expect(after.record).toEqual(refusedOne.record);
    const sent = after.phase.name === 'preparing' ? after.candidate?.fingerprint : null;
    expect(sent).toBe(events.length === 1 ? null : secret.fingerprint);
  });

  it('does not forget the doubt of the candidate that is still there', () => {
    const after = through(handedOver(doubtedOne).state, ['step-failed']);
    expect(after.record?.candidate?.doubt).toEqual(doubt());
  });
});
