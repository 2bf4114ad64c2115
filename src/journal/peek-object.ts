import { endless } from '../platform/endless.ts';
import type { SecretObject } from '../platform/kubernetes/secret-object.ts';
import type { WrappingKeys } from '../platform/reseal.ts';
import type { Clock } from '../ports/clock.ts';
import { decodeRecord, decodeSession } from './journal-codec.ts';
import { mayHoldSecret } from './kept-raws.ts';
import { ObjectRaws } from './object-raws.ts';
import { openedIn } from './object-records.ts';
import type { RawFiles } from './raw-files.ts';

/** A standby's look at the journal in the agent's Secret, which another pod writes. */

interface Peeked {
  readonly agent: string;
  readonly object: SecretObject;
  readonly clock: Pick<Clock, 'now'>;
}

/** An answer that only this volume has goes to the holder, which may wait for it; nothing else is written. */
export async function peekObject({ agent, object, clock }: Peeked, files: RawFiles, keys: WrappingKeys) {
  const { data } = await object.read(endless());
  const now = clock.now();
  const record = openedIn(data.get('record'), { agent, kind: 'journal' }, keys, decodeRecord, now);
  const session = openedIn(data.get('session'), { agent, kind: 'session' }, keys, decodeSession, now);
  if (record !== 'unreadable' && record !== null) await bringUpRaws(object, files, keys, record.generation);
  return { record, session };
}

/**
 * Puts what only the local volume has into the agent's Secret, and nothing else: the pod that holds the agent now waits for it.
 * An answer belongs to an attempt of its own, so it harms nobody. `generation` is that of the record in the Secret: what is older
 * was settled without it. Rejects as a write to the Secret does.
 */
async function bringUpRaws(
  object: SecretObject,
  files: RawFiles,
  keys: WrappingKeys,
  generation: number,
): Promise<void> {
  const raws = new ObjectRaws();
  for (const { attempt, raw } of await files.answers(keys)) {
    if (raw === 'unreadable' || raw.attempt.generation < generation || !mayHoldSecret(raw)) continue;
    const sealed = await files.sealedOf(attempt);
    if (sealed !== null) raws.add(raw, sealed);
  }
  if (raws.waiting.size === 0) return;
  await object.change(
    {
      set: (data) => Object.fromEntries(Object.entries(raws.changes(data)).filter(([key]) => !data.has(key))),
      expects: {},
    },
    endless(),
  );
}
