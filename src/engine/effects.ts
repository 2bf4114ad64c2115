import type { AgentEffect } from '../domain/agent-effect.ts';
import type { AgentEvent, Failure } from '../domain/agent-event.ts';
import { TokenwardError, type ErrorCode } from '../domain/errors.ts';
import type { AgentParts } from './agent-parts.ts';
import { failureOf } from './failure.ts';
import { createHolding, type Holding } from './holding.ts';
import { Line } from './line.ts';
import { noteReporter } from './report-note.ts';
import { interpret, openAll, readStore, save } from './store-work.ts';

/** What an effect leads to: the next event, or nothing for one that only tells somebody. */
type Executor<Kind extends AgentEffect['do']> = (
  effect: Extract<AgentEffect, { do: Kind }>,
) => Promise<AgentEvent> | void;

/** One executor for each effect; an effect without one does not compile. */
export type EffectTable = { readonly [Kind in AgentEffect['do']]: Executor<Kind> };

export interface EffectsOptions {
  readonly parts: AgentParts;
  readonly agent: string;
  readonly origin: string;
  /** Ends waiting calls when the agent is given up. */
  readonly signal: AbortSignal;
  readonly reply: (effect: Extract<AgentEffect, { do: 'reply' }>) => void;
}

export interface Effects {
  readonly table: EffectTable;
  /** Does the work while all locks are ours. Rejects `AGENT_HELD` where one was lost. */
  whileHeld<Result>(work: () => Promise<Result>): Promise<Result>;
  /** Gives up the connection and the locks. */
  close(): Promise<void>;
}

/** The table that does what a transition wants done. Every executor turns its failures into events; none rejects. */
export function createEffects({ parts, agent, origin, signal, reply }: EffectsOptions): Effects {
  const { journal, provider } = parts;
  const holding = createHolding(parts);
  const line = new Line(parts.clock);
  const report = noteReporter(agent, parts);

  const table: EffectTable = {
    open: () => openHeld(parts, holding, signal),
    prepare: () => prepare(parts, holding, line, signal),
    disconnect: () => void line.close(),
    'save-intent': ({ record }) => attempted(journal.saveRecord(record), 'intent-saved', 'intent-failed'),
    exchange: async ({ attempt, secret }) => ({
      type: 'answered',
      answer: await line.exchange(attempt, secret),
    }),
    'save-raw': ({ raw }) => attempted(journal.saveRaw(raw), 'raw-saved', 'raw-failed'),
    interpret: async ({ answer }) => ({ type: 'interpreted', outcome: interpret(provider, answer) }),
    save: ({ step }) => attempted(save(parts, step, origin, signal), 'step-saved', 'step-failed'),
    publish: ({ token }) => parts.publish(token),
    reply,
    note: ({ note }) => report(note),
  };
  return {
    table,
    async whileHeld(work) {
      if (await holding.verify()) return work();
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
    if (other !== null) return { type: 'held-elsewhere', holderPid: other.holderPid };
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
  const { store, journal, provider } = parts;
  try {
    if (!(await holding.verify())) return { type: 'lock-lost' };
    const preflight = [journal.proveWritable(), store.proveWritable(signal)];
    const [view] = await Promise.all([readStore(parts, signal), ...preflight]);
    const connected = await provider.connect(signal);
    if ('kind' in connected) {
      return { type: 'not-connected', failure: { code: connected.code, detail: connected.reason } };
    }
    line.prepared(connected);
    // again: to connect may have taken seconds
    if (await holding.verify()) return { type: 'prepared', view };
    void line.close();
    return { type: 'lock-lost' };
  } catch (error) {
    return { type: 'store-failed', failure: failureOf(error, 'STORE_UNAVAILABLE') };
  }
}
