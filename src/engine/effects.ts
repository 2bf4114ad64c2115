import type { AgentEffect } from '../domain/agent-effect.ts';
import type { AgentEvent, OpenedView, StoreView } from '../domain/agent-event.ts';
import { TokenwardError } from '../domain/errors.ts';
import type { Answer, Outcome } from '../domain/outcome.ts';
import type { SaveStep } from '../domain/save-step.ts';
import type { ExchangeConnection, Provider } from '../ports/provider.ts';
import type { AgentParts } from './agent-parts.ts';
import { failureOf } from './failure.ts';
import { createHolding } from './holding.ts';
import { reportNote } from './report-note.ts';

/** What an effect leads to: the next event, or nothing for one that only tells somebody. */
type Executor<Kind extends AgentEffect['do']> = (effect: Extract<AgentEffect, { do: Kind }>) => Promise<AgentEvent> | void;

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
  /** Gives up the connection and the locks. */
  close(): Promise<void>;
}

/** The table that does what a transition wants done. Every executor turns its failures into events; none rejects. */
export function createEffects({ parts, agent, origin, signal, reply }: EffectsOptions): Effects {
  const { store, journal, provider, log, meter } = parts;
  const holding = createHolding(parts);
  let connection: ExchangeConnection | null = null;

  async function disconnect(): Promise<void> {
    const closing = connection;
    connection = null;
    // A connection that cannot be closed in order is gone all the same.
    await closing?.close().catch(() => {});
  }

  const table: EffectTable = {
    open: async () => {
      try {
        const other = await holding.take();
        if (other !== null) return { type: 'held-elsewhere', holderPid: other.holderPid };
        return { type: 'opened', view: await openAll(parts, signal) };
      } catch (error) {
        return { type: 'open-failed', failure: failureOf(error, 'STATE_DIR_UNUSABLE') };
      }
    },
    prepare: async () => {
      try {
        if (!(await holding.verify())) return { type: 'lock-lost' };
        const [view] = await Promise.all([readStore(parts, signal), journal.proveWritable(), store.proveWritable(signal)]);
        const connected = await provider.connect(signal);
        if ('kind' in connected) return { type: 'not-connected', failure: { code: connected.code, detail: connected.reason } };
        connection = connected;
        return { type: 'prepared', view };
      } catch (error) {
        return { type: 'store-failed', failure: failureOf(error, 'STORE_UNAVAILABLE') };
      }
    },
    disconnect: () => void disconnect(),
    'save-intent': ({ record }) =>
      attempted(journal.saveRecord(record), { type: 'intent-saved' }, (failure) => ({ type: 'intent-failed', failure })),
    exchange: async ({ attempt, secret }) => {
      const deadline = deadlineSignal(parts, attempt.deadlineMs);
      const answer: Answer =
        connection === null
          ? { kind: 'not-sent', code: 'INTERNAL', reason: 'no connection was prepared' }
          : await connection.exchange(secret, attempt.ttlMs, deadline.signal);
      deadline.cancel();
      // Closing is not part of the answer: saving it must not wait for the other side.
      void disconnect();
      return { type: 'answered', answer };
    },
    'save-raw': ({ raw }) => attempted(journal.saveRaw(raw), { type: 'raw-saved' }, (failure) => ({ type: 'raw-failed', failure })),
    interpret: async ({ answer }) => ({ type: 'interpreted', outcome: interpret(provider, answer) }),
    save: ({ step }) => attempted(save(parts, step, origin, signal), { type: 'step-saved' }, (failure) => ({ type: 'step-failed', failure })),
    publish: ({ token }) => parts.publish(token),
    reply,
    note: ({ note }) => reportNote(note, agent, log, meter),
  };

  return {
    table,
    async close() {
      await disconnect();
      await holding.release();
    },
  };
}

/** The event of a success, or of the failure. */
async function attempted(
  work: Promise<unknown>,
  success: AgentEvent,
  failed: (failure: ReturnType<typeof failureOf>) => AgentEvent,
): Promise<AgentEvent> {
  try {
    await work;
    return success;
  } catch (error) {
    return failed(failureOf(error, 'STORE_UNAVAILABLE'));
  }
}

/** An answer that trips the adapter is one that nobody understands: it stays on disk, in doubt. */
function interpret(provider: Provider, answer: Answer): Outcome {
  try {
    return provider.interpret(answer);
  } catch (error) {
    return { kind: 'in-doubt', detail: `the answer could not be interpreted (${failureOf(error, 'INTERNAL').code})`, retryAfterMs: null };
  }
}

async function openAll(parts: AgentParts, signal: AbortSignal): Promise<OpenedView> {
  const { store, journal, provider } = parts;
  const [identity, image, sealedStatePresent] = await Promise.all([parts.identity(), store.load(signal), journal.hasState()]);
  const { key, current, candidate } = image;
  const common = { identity, sealedStatePresent, current, candidate, keyPresent: key !== null };
  if (key === null) return { ...common, record: null, session: null, raws: [] };
  const { record, session, raws } = await journal.open(key);
  const interpreted =
    raws === 'unreadable' ? raws : raws.map(({ attempt, answer }) => ({ attempt, outcome: interpret(provider, answer) }));
  return { ...common, record, session, raws: interpreted };
}

async function readStore({ store }: AgentParts, signal: AbortSignal): Promise<StoreView> {
  const { key, current, candidate } = await store.load(signal);
  if (key === null) throw new TokenwardError('STORE_UNAVAILABLE', 'the wrapping key is missing; bring it back (never make a new one over it)');
  return { current, candidate };
}

async function save({ store, journal }: AgentParts, step: SaveStep, origin: string, signal: AbortSignal): Promise<void> {
  switch (step.save) {
    case 'key':
      await journal.open(await store.createKey(signal));
      return;
    case 'current':
      return store.save('current', { ...step.secret, owner: step.record.stateId, origin: step.record.origin }, signal);
    case 'candidate':
      return store.save('candidate', { ...step.secret, owner: step.record.stateId, origin }, signal);
    case 'session':
      return journal.saveSession(step.token);
    case 'record':
      return journal.saveRecord(step.record);
    case 'candidate-removed':
      return store.removeCandidate(signal);
    case 'raws-dropped':
      return journal.dropRaws(step.attempt);
  }
}

/** Aborts when the attempt's time is over, on the clock that was passed in. */
function deadlineSignal({ clock }: AgentParts, deadlineMs: number): { readonly signal: AbortSignal; readonly cancel: () => void } {
  const controller = new AbortController();
  const cancel = clock.after(deadlineMs, () => controller.abort());
  return { signal: controller.signal, cancel };
}
