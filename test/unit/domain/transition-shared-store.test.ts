import { describe, expect, it } from 'vitest';
import { type AgentSettings } from '../../../src/domain/agent-state.ts';
import { tokenUsable } from '../../../src/domain/plan.ts';
import { transition } from '../../../src/domain/transition.ts';
import { credential } from '../../../src/platform/fingerprint.ts';
import {
  attempt,
  deeds,
  held,
  moment,
  now,
  record,
  refusal,
  replies,
  settings,
  state,
  trouble,
} from './fixtures.ts';

const shared: AgentSettings = { ...settings, store: 'kubernetes' };

describe('a holder whose store changes', () => {
  it.each([
    ['is refused', { record: record({ refusal: refusal('lost') }) }, ['open']],
    ['is blocked', { blocked: trouble('STATE_ROLLED_BACK') }, ['open']],
    ['is well', {}, []],
    [
      'is refused, and busy',
      { record: record({ refusal: refusal('lost') }), phase: { name: 'preparing', slot: 'current' } },
      [],
    ],
  ] as const)('and that %s', (_what, over, expected) => {
    const holder = state({ settings: shared, ...over });
    expect(deeds(transition(holder, { type: 'store-changed' }, moment()).effects)).toEqual(expected);
  });
});

it('a holder whose store changes while it is busy looks when that has ended and left it stuck', () => {
  const refused = record({ refusal: refusal('lost') });
  const saving = state({
    settings: shared,
    phase: {
      name: 'saving',
      steps: [{ save: 'record', record: refused }],
      retryAt: null,
      purpose: { kind: 'outcome' },
    },
  });
  const { state: told, effects } = transition(saving, { type: 'store-changed' }, moment());
  expect(deeds(effects)).toEqual([]);
  const { state: after, effects: next } = transition(told, { type: 'step-saved' }, moment());
  expect(deeds(next)).toEqual(['open']);
  expect(after.observationDue, 'once').toBe(false);
  expect(deeds(transition(saving, { type: 'step-saved' }, moment()).effects), 'nothing changed').toEqual([]);
});

describe('a holder that finds the store written by another one', () => {
  const failure = { code: 'AGENT_HELD', detail: 'another pod wrote it' } as const;

  it('sends nothing where that was its intent', () => {
    const intending = state({
      settings: shared,
      phase: { name: 'saving-intent', attempt: attempt(), record: record({ intent: attempt() }) },
    });
    const { state: after, effects } = transition(intending, { type: 'intent-failed', failure }, moment());
    expect(after).toMatchObject({
      phase: { name: 'opening' },
      opened: false,
      heldElsewhere: { holderPid: null },
    });
    expect(deeds(effects)).toEqual(['disconnect', 'open', 'observe']);
  });

  it('is a standby where that was the saving of what it received, and waits for nothing', () => {
    const saving = state({
      settings: shared,
      unsaved: trouble('SECRET_NOT_PERSISTED'),
      phase: {
        name: 'saving',
        steps: [{ save: 'record', record: record({ generation: 4 }) }],
        retryAt: null,
        purpose: { kind: 'grant', slot: 'current' },
      },
    });
    const { state: after, effects } = transition(saving, { type: 'step-failed', failure }, moment());
    expect(after).toMatchObject({
      phase: { name: 'opening' },
      unsaved: null,
      heldElsewhere: { holderPid: null },
    });
    expect(deeds(effects)).toEqual(['open', 'observe']);
    expect(tokenUsable(after, now), 'the token is served on').toBe(true);
  });

  it('tells whoever waits for a hand-over', () => {
    const handOver = { request: 'h', secret: credential('handed over') };
    const saving = state({
      settings: shared,
      phase: {
        name: 'saving',
        steps: [{ save: 'candidate', secret: held('handed over', 4), record: record() }],
        retryAt: null,
        purpose: { kind: 'hand-over', handOver },
      },
    });
    const { effects } = transition(saving, { type: 'step-failed', failure }, moment());
    expect(replies(effects)).toEqual([['stored', 'AGENT_HELD']]);
  });
});
