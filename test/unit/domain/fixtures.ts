import type { AgentEffect } from '../../../src/domain/agent-effect.ts';
import type { Moment, StoredView } from '../../../src/domain/agent-event.ts';
import { initialState, type AgentSettings, type AgentState } from '../../../src/domain/agent-state.ts';
import type { ErrorCode } from '../../../src/domain/errors.ts';
import type {
  Attempt,
  Doubt,
  HeldSecret,
  JournalRecord,
  PreviousSecret,
  Refusal,
} from '../../../src/domain/journal-entry.ts';
import { firstRecord } from '../../../src/domain/ledger.ts';
import type { Outcome } from '../../../src/domain/outcome.ts';
import { addMs, type Stamp } from '../../../src/domain/stamp.ts';
import type { Token } from '../../../src/domain/token.ts';
import { credential } from '../../../src/platform/fingerprint.ts';
import { usualSettings } from '../../fakes/usual-settings.ts';

/** Plain data to build states, records and outcomes from. Everything happens around {@link now}, in one boot. */

export const minute = 60_000;
export const ttlMs = 30 * minute;

export const now: Stamp = { bootId: 'boot-1', bootMs: 10_000_000, wallMs: Date.UTC(2026, 0, 1, 12) };

export function moment(afterMs = 0, draw = 0.5): Moment {
  return { now: addMs(now, afterMs), draw, id: 'id-of-the-moment' };
}

export const settings: AgentSettings = usualSettings;

export function held(text: string, generation = 1): HeldSecret {
  return { ...credential(text), generation };
}

export function stored(text: string, generation = 1, over: Partial<StoredView> = {}): StoredView {
  return { ...held(text, generation), owner: 'state-1', origin: settings.origin, ...over };
}

/** Was sent a minute ago and is surely over. */
export function doubt(over: Partial<Doubt> = {}): Doubt {
  return { attempts: 1, since: addMs(now, -minute), overAt: addMs(now, -45_000), ...over };
}

export function refusal(kind: Refusal['kind'], over: Partial<Refusal> = {}): Refusal {
  return { kind, since: now, lastTryAt: now, tries: 1, detail: 'the server said no', ...over };
}

export function previous(text: string, over: Partial<PreviousSecret> = {}): PreviousSecret {
  return { ...credential(text), generation: 2, doubted: false, doubt: null, ...over };
}

/** An agent that has been at work for a while: generation 3, whose secret is `current`. */
export function record(over: Partial<JournalRecord> = {}): JournalRecord {
  return {
    ...firstRecord('state-1', 'host:one', settings.origin, { level: 6, at: now }),
    generation: 3,
    sequence: 3,
    kept: held('current', 3),
    previous: previous('previous'),
    ...over,
  };
}

export function token(over: Partial<Token> = {}): Token {
  return {
    ...credential('token'),
    sequence: 3,
    generation: 3,
    sentAt: addMs(now, -minute),
    ttlMs,
    jitterDraw: 0.5,
    ...over,
  };
}

/** The agent of {@link record} with a valid token, at rest. */
export function state(over: Partial<AgentState> = {}): AgentState {
  return {
    ...initialState(settings),
    phase: { name: 'waiting' },
    opened: true,
    identity: 'host:one',
    record: record(),
    current: held('current', 3),
    token: token(),
    ...over,
  };
}

export function attempt(over: Partial<Attempt> = {}): Attempt {
  return {
    id: 'attempt-1',
    slot: 'current',
    generation: 3,
    fingerprint: credential('current').fingerprint,
    sentAt: now,
    deadlineMs: 15_000,
    ttlMs,
    ...over,
  };
}

export function candidateAttempt(text: string, over: Partial<Attempt> = {}): Attempt {
  return attempt({ slot: 'candidate', fingerprint: credential(text).fingerprint, ...over });
}

/** What the journal knows of the candidate with this text. */
export function candidateFacts(
  text: string,
  over: Partial<NonNullable<JournalRecord['candidate']>> = {},
): NonNullable<JournalRecord['candidate']> {
  return { fingerprint: credential(text).fingerprint, doubt: null, settled: false, ...over };
}

export function granted(newSecret: string | null = 'next'): Extract<Outcome, { kind: 'granted' }> {
  return {
    kind: 'granted',
    token: credential('new token'),
    ttlMs,
    newSecret: newSecret === null ? null : credential(newSecret),
  };
}

export const outcomes = {
  refused: { kind: 'refused', detail: 'no' },
  misconfigured: { kind: 'misconfigured', detail: 'no such API' },
  'rate-limited': { kind: 'rate-limited', detail: 'not now', retryAfterMs: 30_000 },
  'server-trouble': { kind: 'server-trouble', detail: 'licence', retryAfterMs: null },
  'not-sent': { kind: 'not-sent', code: 'INTERNAL', detail: 'no connection' },
  'in-doubt': { kind: 'in-doubt', detail: 'reset', retryAfterMs: null },
} as const satisfies Record<Exclude<Outcome['kind'], 'granted'>, Outcome>;

export function trouble(code: ErrorCode, detail = 'what happened', sinceMs = 0) {
  return { code, detail, since: addMs(now, sinceMs) };
}

/** What is to be done, without the notes for the log. */
export function deeds(effects: readonly AgentEffect[]): readonly string[] {
  return effects.filter((effect) => effect.do !== 'note').map((effect) => effect.do);
}

/** Who is told what: topic and code, null for a success. */
export function replies(effects: readonly AgentEffect[]) {
  return effects.flatMap((effect) =>
    effect.do === 'reply' ? [[effect.topic, effect.error?.code ?? null]] : [],
  );
}
