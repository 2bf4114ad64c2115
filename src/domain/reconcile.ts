import type { StoredView, StoreView } from './agent-event.ts';
import type { ErrorCode } from './errors.ts';
import type { HeldSecret, JournalRecord } from './journal-entry.ts';

/**
 * What the secret store says against what the journal says. This is the table of `docs/durability.md` for the store's side:
 * which of the two is ahead, and which contradictions only a person can settle.
 */

export type StoreVerdict =
  | { readonly kind: 'agree'; readonly current: HeldSecret | null; readonly candidate: HeldSecret | null }
  /** The store lost its last write; the journal still has the secret. */
  | { readonly kind: 'recommit'; readonly secret: HeldSecret; readonly candidate: HeldSecret | null }
  /** The store is newer. */
  | { readonly kind: 'adopt'; readonly secret: HeldSecret; readonly candidate: HeldSecret | null }
  | {
      readonly kind: 'blocked';
      readonly code: ErrorCode;
      readonly detail: string;
      readonly current: HeldSecret | null;
      readonly candidate: HeldSecret | null;
    };

export interface Place {
  readonly identity: string;
  readonly origin: string;
}

/** Compares a store with an open journal. `record` null means that no journal exists although the store answers. */
export function compareStore(record: JournalRecord | null, view: StoreView, place: Place): StoreVerdict {
  const { current, candidate } = view;
  if (current === 'unreadable' || candidate === 'unreadable') {
    return blocked(
      'STATE_UNREADABLE',
      'the stored secret cannot be opened with the wrapping key',
      null,
      null,
    );
  }
  if (record === null) {
    if (current === null && candidate === null) return { kind: 'agree', current: null, candidate: null };
    return blocked(
      'STORE_MISMATCH',
      'the secret store holds a secret that another state folder wrote',
      null,
      null,
    );
  }
  if ([current, candidate].some((secret) => secret !== null && secret.owner !== record.stateId)) {
    return blocked(
      'STORE_MISMATCH',
      'the secret store holds a secret that another state folder wrote',
      null,
      null,
    );
  }
  // A candidate for another server counts again when `url` names that one.
  const pending = candidate?.origin === place.origin ? heldSecret(candidate) : null;
  const held = current === null ? null : heldSecret(current);
  if (record.identity !== place.identity) {
    return blocked(
      'STATE_CLONED',
      'the state folder was written on another machine or volume',
      held,
      pending,
    );
  }
  if (record.origin !== place.origin) {
    return blocked(
      'SERVER_CHANGED',
      `the secret belongs to ${record.origin}, but url now names ${place.origin}`,
      held,
      pending,
    );
  }
  return compareGenerations(record, held, pending);
}

function compareGenerations(
  record: JournalRecord,
  current: HeldSecret | null,
  candidate: HeldSecret | null,
): StoreVerdict {
  const generation = current?.generation ?? 0;
  const same =
    generation === record.generation &&
    (record.kept === null || record.kept.fingerprint === current?.fingerprint);
  if (same) return { kind: 'agree', current, candidate };
  if (current !== null && generation > record.generation)
    return { kind: 'adopt', secret: current, candidate };
  const { kept } = record;
  if (kept !== null && kept.generation === record.generation && generation < record.generation) {
    return { kind: 'recommit', secret: kept, candidate };
  }
  const detail =
    generation === record.generation
      ? `the secret store holds another secret of generation ${generation} than the one in use`
      : `the secret store holds generation ${generation}, but generation ${record.generation} was already in use`;
  return blocked('STATE_ROLLED_BACK', detail, current, candidate);
}

function heldSecret(stored: StoredView): HeldSecret {
  return { text: stored.text, fingerprint: stored.fingerprint, generation: stored.generation };
}

function blocked(
  code: ErrorCode,
  detail: string,
  current: HeldSecret | null,
  candidate: HeldSecret | null,
): StoreVerdict {
  return { kind: 'blocked', code, detail, current, candidate };
}
