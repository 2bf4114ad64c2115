import type { InterpretedRaw, ObservedView, OpenedView, StoreView } from '../domain/agent-event.ts';
import { TokenwardError } from '../domain/errors.ts';
import type { Answer, Outcome } from '../domain/outcome.ts';
import type { SaveStep } from '../domain/save-step.ts';
import { readable } from '../domain/transition-open.ts';
import type { Provider } from '../ports/provider.ts';
import type { AgentParts } from './agent-parts.ts';
import { failureOf } from './failure.ts';

/** What an agent reads from its store and journal, and the steps that it saves there. All reject with the ports' errors. */

export async function openAll(parts: AgentParts, signal: AbortSignal): Promise<OpenedView> {
  const { store, journal, provider } = parts;
  const [identity, image, sealedStatePresent] = await Promise.all([
    parts.identity(),
    store.load(signal),
    journal.hasState(),
  ]);
  const { key, nextKey, current, candidate } = image;
  const common = { identity, sealedStatePresent, current, candidate, keyPresent: key !== null };
  if (key === null) return { ...common, record: null, session: null, raws: [] };
  const { record, session, raws } = await journal.open(key, nextKey);
  return {
    ...common,
    record,
    session,
    raws: raws === 'unreadable' ? raws : raws.map((raw) => interpreted(provider, raw)),
  };
}

function interpreted(
  provider: Provider,
  raw: { attempt: InterpretedRaw['attempt']; answer: Answer },
): InterpretedRaw {
  return { attempt: raw.attempt, outcome: interpret(provider, raw.answer) };
}

/** An answer that trips the adapter is one that nobody understands: it stays on disk, in doubt. */
export function interpret(provider: Provider, answer: Answer): Outcome {
  try {
    return provider.interpret(answer);
  } catch (error) {
    const detail = `the answer could not be interpreted (${failureOf(error, 'INTERNAL').code})`;
    return { kind: 'in-doubt', detail, retryAfterMs: null };
  }
}

/** What the holder keeps in a store that both share; null where this journal is not for others, or nothing is there yet. Writes nothing. */
export async function readAsStandby(
  { store, journal }: AgentParts,
  signal: AbortSignal,
): Promise<ObservedView | null> {
  const { key, nextKey, current } = await store.load(signal);
  if (key === null || journal.peek === undefined) return null;
  const { record, session } = await journal.peek(key, nextKey);
  return { record: readable(record), session: readable(session), current: readable(current) };
}

export async function readStore({ store }: AgentParts, signal: AbortSignal): Promise<StoreView> {
  const { key, current, candidate } = await store.load(signal);
  if (key !== null) return { current, candidate };
  const advice = 'bring it back (never make a new one over it)';
  throw new TokenwardError('STORE_UNAVAILABLE', `the wrapping key is missing; ${advice}`);
}

/** Durable on return. `origin` is the server that a candidate is for. */
export async function save(
  parts: AgentParts,
  step: SaveStep,
  origin: string,
  signal: AbortSignal,
): Promise<void> {
  const { store, journal } = parts;
  switch (step.save) {
    case 'key':
      await journal.open(await store.createKey(signal));
      return;
    case 'current':
      return store.save(
        'current',
        { ...step.secret, owner: step.record.stateId, origin: step.record.origin },
        signal,
      );
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
