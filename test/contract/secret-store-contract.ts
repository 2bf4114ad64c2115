import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { credential } from '../../src/platform/fingerprint.ts';
import type { SecretSlot, SecretStore, StoredSecret, StoreImage } from '../../src/ports/secret-store.ts';

/** A place for secrets to test, empty at first. */
export interface SecretStoreUnderTest {
  /** A store on that place. Where secrets outlive a process, a second one stands for the next process. */
  open(): SecretStore;
  readonly durable?: DurablePlace;
  dispose(): Promise<void>;
}

export interface DurableStoreUnderTest extends SecretStoreUnderTest {
  readonly durable: DurablePlace;
}

interface DurablePlace {
  /** Flips one bit of what is kept in the slot. */
  damage(slot: SecretSlot): Promise<void>;
  /** Names of everything that is kept, sorted. */
  list(): Promise<readonly string[]>;
}

export function storedSecret(text: string, generation = 1): StoredSecret {
  const owner = '7f0c1c52-6a0b-4f0e-9a39-0d6a3a3f8a11';
  return { ...credential(text), generation, owner, origin: 'https://logs.example.com' };
}

export const slots = ['current', 'candidate'] as const;

const oddTexts: Readonly<Record<string, string>> = {
  'one letter': 'x',
  'nothing at all': '',
  'spaces around it': '  two words  ',
  'a newline inside and at the end': 'one\ntwo\n',
  'a carriage return and a tab': 'one\r\n\ttwo',
  'a zero byte': 'one\0two',
  'letters of many alphabets': 'Grüße, 秘密, 🔑, ‮',
  'a lone surrogate': '\ud800x',
  'what looks like JSON': '{"text":"x"}\\u0000',
  '4 KiB': 'k3y/+='.repeat(683).slice(0, 4096),
  '16 KiB': 's'.repeat(16 * 1024),
};

/** What every `SecretStore` promises (ports/secret-store.ts). */
export function describeSecretStore(name: string, setUp: () => Promise<SecretStoreUnderTest>): void {
  describe(`the secret store contract: ${name}`, () => {
    let under: SecretStoreUnderTest;
    let store: SecretStore;
    const { signal } = new AbortController();

    beforeEach(async () => {
      under = await setUp();
      store = under.open();
    });
    afterEach(() => under.dispose());

    /** As the next process sees it; for a store that does not outlive its own, as it sees it itself. */
    const loadAgain = () => (under.durable === undefined ? store : under.open()).load(signal);

    it('says that nothing is there where nothing is', async () => {
      expect(await store.load(signal)).toEqual({ key: null, nextKey: null, current: null, candidate: null });
    });

    it('makes one key and keeps it', async () => {
      const key = await store.createKey(signal);
      expect(key).toHaveLength(32);
      expect(await store.createKey(signal)).toEqual(key);
      expect(await loadAgain()).toEqual({ key, nextKey: null, current: null, candidate: null });
    });

    it('makes one key even when asked many times at once', async () => {
      const keys = await Promise.all([1, 2, 3].map(() => store.createKey(signal)));
      expect(keys).toEqual([keys[0], keys[0], keys[0]]);
      expect((await loadAgain()).key).toEqual(keys[0]);
    });

    it.each(slots)('gives back what was saved as %s, and touches nothing else', async (slot) => {
      const key = await store.createKey(signal);
      const secret = storedSecret('s3cret');
      await store.save(slot, secret, signal);
      const image = await loadAgain();
      expect(image).toEqual({ key, nextKey: null, current: null, candidate: null, [slot]: secret });
      expect((image[slot] as StoredSecret).text.reveal()).toBe('s3cret');
    });

    it.each(slots)('replaces %s and leaves the other slot alone', async (slot) => {
      await store.createKey(signal);
      await store.save('current', storedSecret('old current', 4), signal);
      await store.save('candidate', storedSecret('old candidate', 5), signal);
      await store.save(slot, storedSecret('new', 6), signal);
      const texts = textsOf(await loadAgain());
      expect(texts).toEqual({ current: 'old current', candidate: 'old candidate', [slot]: 'new' });
    });

    it('removes a candidate, also one that is not there', async () => {
      await store.createKey(signal);
      await store.save('current', storedSecret('current'), signal);
      await store.save('candidate', storedSecret('candidate', 2), signal);
      await store.removeCandidate(signal);
      await store.removeCandidate(signal);
      expect(textsOf(await loadAgain())).toEqual({ current: 'current', candidate: null });
    });

    it('keeps every secret as it is', async () => {
      await store.createKey(signal);
      for (const [what, text] of Object.entries(oddTexts)) {
        await store.save('current', storedSecret(text), signal);
        const { current } = await loadAgain();
        expect(current, what).toEqual(storedSecret(text));
        expect((current as StoredSecret).text.reveal(), what).toBe(text);
      }
    });

    it('keeps every generation', async () => {
      await store.createKey(signal);
      for (const generation of [0, 1, 2 ** 31, Number.MAX_SAFE_INTEGER]) {
        await store.save('candidate', storedSecret('s3cret', generation), signal);
        expect(await loadAgain()).toMatchObject({ candidate: { generation } });
      }
    });

    it('takes saves at once and keeps the last of each slot', async () => {
      await store.createKey(signal);
      const saves = [1, 2, 3].flatMap((number) => [
        store.save('current', storedSecret(`current ${number}`, number), signal),
        store.save('candidate', storedSecret(`candidate ${number}`, number + 1), signal),
      ]);
      await Promise.all(saves);
      expect(textsOf(await loadAgain())).toEqual({ current: 'current 3', candidate: 'candidate 3' });
    });

    it('proves that it could write, and leaves everything as it was', async () => {
      await store.createKey(signal);
      await store.save('current', storedSecret('s3cret'), signal);
      const before = await under.durable?.list();
      await store.proveWritable(signal);
      expect(textsOf(await loadAgain())).toEqual({ current: 's3cret', candidate: null });
      expect(await under.durable?.list()).toEqual(before);
    });

    it('does nothing for a signal that is aborted already, and says why', async () => {
      await store.createKey(signal);
      await store.save('candidate', storedSecret('before'), signal);
      const reason = new Error('shutting down');
      const aborted = AbortSignal.abort(reason);
      const outcomes = await Promise.allSettled([
        store.load(aborted),
        store.createKey(aborted),
        store.save('current', storedSecret('after'), aborted),
        store.removeCandidate(aborted),
        store.proveWritable(aborted),
        store.records(aborted),
        store.createNextKey(aborted),
        store.sealAnew(aborted),
        store.promoteNextKey(aborted),
      ]);
      expect(outcomes).toEqual(outcomes.map(() => ({ status: 'rejected', reason })));
      expect(textsOf(await loadAgain())).toEqual({ current: null, candidate: 'before' });
    });
  });
}

/** What a `SecretStore` promises besides, when it outlives its process. */
export function describeDurableSecretStore(name: string, setUp: () => Promise<DurableStoreUnderTest>): void {
  describeSecretStore(name, setUp);

  it.each(slots)(
    `${name} calls a damaged %s unreadable, never absent, and still gives the other`,
    async (slot) => {
      const under = await setUp();
      const { signal } = new AbortController();
      const store = under.open();
      await store.createKey(signal);
      await store.save('current', storedSecret('current'), signal);
      await store.save('candidate', storedSecret('candidate', 2), signal);
      await under.durable.damage(slot);
      const texts = textsOf(await under.open().load(signal));
      await under.dispose();
      expect(texts).toEqual({ current: 'current', candidate: 'candidate', [slot]: 'unreadable' });
    },
  );
}

export function textsOf({ current, candidate }: StoreImage): Record<SecretSlot, string | null> {
  return { current: textOf(current), candidate: textOf(candidate) };
}

function textOf(found: StoredSecret | null | 'unreadable'): string | null {
  return found === null || found === 'unreadable' ? found : found.text.reveal();
}

/** A copy in which one bit in the middle is another one. */
export function flipped(bytes: Uint8Array | null): Uint8Array {
  if (bytes === null) throw new Error('nothing is kept there');
  const middle = bytes.length >> 1;
  return Uint8Array.from(bytes).with(middle, (bytes[middle] ?? 0) ^ 1);
}
