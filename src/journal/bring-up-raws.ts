import { endless } from '../platform/endless.ts';
import type { SecretObject } from '../platform/kubernetes/secret-object.ts';
import type { WrappingKeys } from '../platform/reseal.ts';
import { mayHoldSecret } from './kept-raws.ts';
import { ObjectRaws } from './object-raws.ts';
import type { RawFiles } from './raw-files.ts';

/**
 * Puts what only the local volume has into the agent's Secret, and nothing else: the pod that holds the agent now waits for it.
 * An answer belongs to an attempt of its own, so it harms nobody. `generation` is that of the record in the Secret: what is older
 * was settled without it. Rejects as a write to the Secret does.
 */
export async function bringUpRaws(
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
