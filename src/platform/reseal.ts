import { TokenwardError } from '../domain/errors.ts';
import type { Random } from '../ports/random.ts';
import type { SealedRecord } from '../ports/sealed-records.ts';
import type { WrappingKey } from '../ports/secret-store.ts';
import { open, seal, type Opened, type SealContext } from './seal.ts';

/** Records while their wrapping key is being replaced: each is sealed with one of two keys, and tells by opening with which. */

export interface WrappingKeys {
  readonly key: WrappingKey;
  /** null where no replacement is under way. */
  readonly nextKey: WrappingKey | null;
}

type RecordContext = Omit<SealContext, 'generation'>;

/** As `open`, with whichever key fits. */
export function openWithEither(
  { key, nextKey }: WrappingKeys,
  context: RecordContext,
  sealed: Uint8Array,
): Opened | null {
  return open(key, context, sealed) ?? (nextKey === null ? null : open(nextKey, context, sealed));
}

/** The next key is asked first: where both are the same, nothing is left to be done. */
export function opensWith(
  { key, nextKey }: WrappingKeys,
  context: RecordContext,
  sealed: Uint8Array,
): SealedRecord['opensWith'] {
  if (nextKey !== null && open(nextKey, context, sealed) !== null) return 'next-key';
  return open(key, context, sealed) === null ? 'no-key' : 'current-key';
}

/** The record sealed with the next key; null where it is so already. Throws `STATE_UNREADABLE` where no key opens it. */
export function resealed(
  keys: WrappingKeys & { readonly nextKey: WrappingKey },
  context: RecordContext,
  sealed: Uint8Array,
  random: Random,
): Uint8Array | null {
  if (opensWith(keys, context, sealed) === 'next-key') return null;
  const opened = open(keys.key, context, sealed);
  if (opened === null) throw unreadableRecord(context.agent, context.kind);
  return seal(keys.nextKey, { ...context, generation: opened.generation }, opened.plaintext, random);
}

/** `record` is its name for people. */
function unreadableRecord(agent: string, record: string): TokenwardError {
  const message = `the ${record} record of ${agent} cannot be opened with its wrapping key; see \`tokenward status ${agent}\` for the way out`;
  return new TokenwardError('STATE_UNREADABLE', message, { fields: { agent, record } });
}
