import { formatDuration } from '../domain/duration.ts';
import { TokenwardError } from '../domain/errors.ts';
import { sequenceParameter, durationParameter, type Parameters } from './request-input.ts';

/** What the query of a request for a token may ask of the token. */

export const tokenParameters = ['min_ttl', 'sequence', 'wait'] as const;

export interface TokenConditions {
  /** The sequence that the client has; it asks for another one. null where it did not say. */
  readonly known: number | null;
  /** Milliseconds that it waits for that; null where it did not say. */
  readonly waitMs: number | null;
  /** Milliseconds of life that it would like; null where it did not say. */
  readonly minTtlMs: number | null;
}

/** Longer waits are refused: a client that means to wait for an hour would take the early 304 for a mistake of ours. */
const maxWaitMs = 600_000;

/** Throws `REQUEST_INVALID`. */
export function readConditions(parameters: Parameters): TokenConditions {
  const known = sequenceParameter(parameters, 'sequence');
  const waitMs = durationParameter(parameters, 'wait');
  if (waitMs !== null && known === null)
    throw invalid('wait needs sequence: give the sequence that you have, or 0 for none');
  if (waitMs !== null && waitMs > maxWaitMs)
    throw invalid(`wait is longer than ${formatDuration(maxWaitMs)}; wait less, and ask again after a 304`);
  return { known, waitMs, minTtlMs: durationParameter(parameters, 'min_ttl') };
}

function invalid(message: string): TokenwardError {
  return new TokenwardError('REQUEST_INVALID', message);
}
