import type { AgentEffect } from '../domain/agent-effect.ts';
import type { AgentEvent, Failure } from '../domain/agent-event.ts';
import type { AgentSettings, AgentState } from '../domain/agent-state.ts';
import { TokenwardError, type ErrorCode } from '../domain/errors.ts';
import type { Attempt } from '../domain/journal-entry.ts';
import { doubtOf } from '../domain/ledger.ts';
import type { Answer } from '../domain/outcome.ts';
import { isFromRotation, stepBeingSaved } from '../domain/rotation-step.ts';
import type { Secret } from '../domain/secret.ts';
import type { RotationMeter } from '../ports/rotation-meter.ts';
import type { AgentParts } from './agent-parts.ts';
import { countAnswer, counted, countOutcome, countStored } from './count-steps.ts';
import { failureOf } from './failure.ts';
import { createHolding, type Holding } from './holding.ts';
import { Line } from './line.ts';
import { probeToken } from './probe-token.ts';
import { noteReporter } from './report-note.ts';
import { interpret, openAll, readAsStandby, readStore, save } from './store-work.ts';

/** What an effect leads to: the next event, or nothing for one that only tells somebody. */
type Executor<Kind extends AgentEffect['do']> = (
  effect: Extract<AgentEffect, { do: Kind }>,
) => Promise<AgentEvent> | void;

/** One executor for each effect; an effect without one does not compile. */
type EffectTable = { readonly [Kind in AgentEffect['do']]: Executor<Kind> };

export interface EffectsOptions {
  /** Those of now: their provider may be replaced. */
  readonly parts: () => AgentParts;
  /** The agent as it is now: an effect runs after the state has changed. */
  readonly state: () => AgentState;
  readonly useSettings: (settings: AgentSettings) => void;
  /** Ends waiting calls when the agent is given up. */
  readonly signal: AbortSignal;
  readonly reply: (effect: Extract<AgentEffect, { do: 'reply' }>) => void;
}

export interface Effects {
  /** Resolves to the event that the effect leads to; undefined for one that only tells somebody. */
  execute(effect: AgentEffect): Promise<AgentEvent> | void;
  /** Does the work while all locks are ours. Rejects `AGENT_HELD` where one was lost. */
  whileHeld<Result>(work: () => Promise<Result>): Promise<Result>;
  /** Gives up the connection and the locks. */
  close(): Promise<void>;
}

/** The table that does what a transition wants done. Every executor turns its failures into events; none rejects. */
export function createEffects({ parts, state, useSettings, signal, reply }: EffectsOptions): Effects {
  const { journal, meter, clock } = parts();
  const holding = createHolding(parts());
  const line = new Line(clock);
  const report = noteReporter(parts());

  const table: EffectTable = {
    open: () => openHeld(parts(), holding, signal),
    prepare: () => prepare(parts(), holding, line, signal),
    observe: () => observe(parts(), signal),
    disconnect: () => void line.close(),
    'save-intent': ({ record }) =>
      attempted(counted(meter, 'intent-saved', journal.saveRecord(record)), 'intent-saved', 'intent-failed'),
    async exchange({ attempt, secret }) {
      const { record } = state();
      if (record !== null && doubtOf(record, attempt) !== null) meter.happened('replayed');
      return { type: 'answered', answer: await sent(holding, line, { attempt, secret, meter }) };
    },
    'save-raw': ({ raw }) =>
      attempted(counted(meter, 'answer-saved', journal.saveRaw(raw)), 'raw-saved', 'raw-failed'),
    interpret: async ({ answer }) => ({
      type: 'interpreted',
      outcome: countOutcome(meter, answer, interpret(parts().provider, answer)),
    }),
    save({ step }) {
      const { origin } = state().settings;
      const saving = counted(meter, stepBeingSaved(state()), save(parts(), step, origin, signal));
      return attempted(saving, 'step-saved', 'step-failed');
    },
    publish({ token }) {
      parts().publish(token);
      if (isFromRotation(state(), token)) meter.done('token-published');
    },
    withdraw: ({ token }) => parts().withdraw(token.sequence),
    probe: (effect) => probeToken(parts(), effect, signal),
    'use-settings': ({ settings }) => useSettings(settings),
    reply(effect) {
      countStored(meter, effect);
      reply(effect);
    },
    note: ({ note }) => report(note),
  };
  return {
    execute(effect) {
      // The key of the table and the effect's kind are the same by construction; TypeScript cannot follow that over a union.
      const executor = table[effect.do] as (effect: AgentEffect) => Promise<AgentEvent> | void;
      return executor(effect);
    },
    async whileHeld(work) {
      if (await holding.verify()) return work();
      const { agent } = state().settings;
      throw new TokenwardError('AGENT_HELD', `a lock file of ${agent} was removed or replaced; try again`);
    },
    async close() {
      await line.close();
      await holding.release();
    },
  };
}

type Saved = 'intent-saved' | 'raw-saved' | 'step-saved';
type NotSaved = 'intent-failed' | 'raw-failed' | 'step-failed';

/** The event of a save that succeeded, or of one that failed. */
async function attempted(work: Promise<unknown>, saved: Saved, notSaved: NotSaved): Promise<AgentEvent> {
  const failure = await failureIn(work, 'STORE_UNAVAILABLE');
  return failure === null ? { type: saved } : { type: notSaved, failure };
}

async function failureIn(work: Promise<unknown>, otherwise: ErrorCode): Promise<Failure | null> {
  try {
    await work;
    return null;
  } catch (error) {
    return failureOf(error, otherwise);
  }
}

async function openHeld(parts: AgentParts, holding: Holding, signal: AbortSignal): Promise<AgentEvent> {
  try {
    const other = await holding.take();
    if (other !== null) {
      const { holderPid, holder } = other;
      return { type: 'held-elsewhere', holderPid, ...(holder !== undefined && { holder }) };
    }
    return { type: 'opened', view: await openAll(parts, signal) };
  } catch (error) {
    return { type: 'open-failed', failure: failureOf(error, 'STATE_DIR_UNUSABLE') };
  }
}

/** Locks, re-read, pre-flight, connection, in this order: nothing is sent that could not be kept. */
async function prepare(
  parts: AgentParts,
  holding: Holding,
  line: Line,
  signal: AbortSignal,
): Promise<AgentEvent> {
  const { store, journal, provider, meter } = parts;
  try {
    if (!(await holding.verify())) return lockLost(meter);
    meter.done('locks-held');
    const preflight = Promise.all([journal.proveWritable(), store.proveWritable(signal)]);
    const [view] = await Promise.all([
      counted(meter, 'store-read', readStore(parts, signal)),
      counted(meter, 'preflight-passed', preflight),
    ]);
    const connected = await provider.connect(signal);
    if ('kind' in connected) {
      meter.failed('connected');
      return { type: 'not-connected', failure: { code: connected.code, detail: connected.reason } };
    }
    line.prepared(connected);
    meter.done('connected');
    // again: to connect may have taken seconds
    if (await holding.verify()) return { type: 'prepared', view };
    void line.close();
    return lockLost(meter);
  } catch (error) {
    return { type: 'store-failed', failure: failureOf(error, 'STORE_UNAVAILABLE') };
  }
}

/** To save the intent may have taken long: what is not surely ours any more is not sent. */
async function sent(
  holding: Holding,
  line: Line,
  { attempt, secret, meter }: { attempt: Attempt; secret: Secret; meter: RotationMeter },
): Promise<Answer> {
  const held = await holding.verify().catch(() => false);
  const answer: Answer = held ? await line.exchange(attempt, secret) : notOurs;
  if (!held) void line.close();
  countAnswer(meter, answer);
  return answer;
}

const notOurs: Answer = {
  kind: 'not-sent',
  code: 'AGENT_HELD',
  reason: 'another process may have taken the agent over just before the request was sent',
};

/** A look that fails is repeated with the next poll, or when the store changes again. */
async function observe(parts: AgentParts, signal: AbortSignal): Promise<AgentEvent> {
  try {
    const view = await readAsStandby(parts, signal);
    return view === null ? { type: 'observe-failed' } : { type: 'observed', view };
  } catch {
    return { type: 'observe-failed' };
  }
}

function lockLost(meter: RotationMeter): AgentEvent {
  meter.failed('locks-held');
  return { type: 'lock-lost' };
}
