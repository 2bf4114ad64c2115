import type { OpenedView } from '../../../src/domain/agent-event.ts';
import type { AgentSettings } from '../../../src/domain/agent-state.ts';
import type { Attempt, JournalRecord } from '../../../src/domain/journal-entry.ts';
import type { Outcome } from '../../../src/domain/outcome.ts';
import type { FoundAnswer, RecoveryFound } from '../../../src/domain/recovery-found.ts';
import { recoveryOf, stepsOf } from '../../../src/domain/recovery.ts';
import { credential } from '../../../src/platform/fingerprint.ts';
import { candidateFacts, doubt, now, outcomes, record, settings, stored, token } from './fixtures.ts';

/** Findings of a recovery: an agent in good order, but for what a test spoils. */

export interface Finding {
  readonly view?: Partial<OpenedView>;
  readonly answers?: readonly FoundAnswer[];
  readonly settings?: Partial<AgentSettings>;
}

/** The agent of {@link record} in good order, but for what is given. */
export function found({ view = {}, answers = [], settings: over = {} }: Finding = {}): RecoveryFound {
  return {
    settings: { ...settings, ...over },
    state: 'blocked',
    view: {
      identity: 'host:one',
      keyPresent: true,
      sealedStatePresent: true,
      record: record(),
      session: token(),
      raws: [],
      current: stored('current', 3),
      candidate: null,
      ...view,
    },
    answers,
    now,
    id: 'a-new-id',
  };
}

export function answer(of: Attempt, outcome: Outcome, salvaged: string | null = null): FoundAnswer {
  const body = Buffer.from('an answer');
  return {
    attempt: of.id,
    raw: { attempt: of, answer: { kind: 'http', status: 200, headers: {}, body, complete: true } },
    outcome,
    salvaged: salvaged === null ? null : credential(salvaged),
  };
}

export const strange = (of: Attempt) => answer(of, outcomes['in-doubt'], 'salvaged');
export const unreadableAnswer: FoundAnswer = {
  attempt: 'attempt-9',
  raw: 'unreadable',
  outcome: null,
  salvaged: null,
};
export const halt = { inDoubt: 'halt' } as const;
export const inDoubt = record({ current: { doubt: doubt(), uncertain: false } });
export const pending = { candidate: stored('new', 4), record: record({ candidate: candidateFacts('new') }) };
export const elsewhere = { owner: 'state-2' };

/** The record that the action writes, and the kinds of its steps. */
export function done(finding: Finding, name: Parameters<typeof stepsOf>[1]) {
  const steps = stepsOf(recoveryOf(found(finding)), name);
  const written = steps.find((step) => step.step === 'record');
  return {
    steps: steps.map((step) => ('part' in step ? [step.step, step.part] : step.step)),
    record: (written?.step === 'record' ? written.record : null) as JournalRecord,
    saved: steps.flatMap((step) =>
      'secret' in step ? [[step.step, step.secret.fingerprint, step.secret.owner]] : [],
    ),
  };
}
