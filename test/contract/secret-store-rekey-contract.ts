import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { WrappingKey } from '../../src/ports/secret-store.ts';
import {
  describeDurableSecretStore,
  slots,
  storedSecret,
  textsOf,
  type DurableStoreUnderTest,
} from './secret-store-contract.ts';

/**
 * What a `SecretStore` with a wrapping key promises: all that a durable one does, and that the key can be replaced step by
 * step, each step perhaps in another process.
 */
export function describeSealedSecretStore(name: string, setUp: () => Promise<DurableStoreUnderTest>): void {
  describeDurableSecretStore(name, setUp);

  describe(`the secret store contract, the key being replaced: ${name}`, () => {
    let under: DurableStoreUnderTest;
    let key: WrappingKey;
    const { signal } = new AbortController();

    beforeEach(async () => {
      under = await setUp();
      const store = under.open();
      key = await store.createKey(signal);
      await store.save('current', storedSecret('current', 4), signal);
      await store.save('candidate', storedSecret('candidate', 5), signal);
    });
    afterEach(() => under.dispose());

    const opensWith = async () =>
      (await under.open().records(signal)).map((each) => `${each.name} ${each.opensWith}`);
    const both = { current: 'current', candidate: 'candidate' };

    it('has a next key beside the other one, which seals on', async () => {
      const nextKey = await under.open().createNextKey(signal);
      expect(nextKey).toHaveLength(32);
      expect(nextKey).not.toEqual(key);
      expect(await under.open().createNextKey(signal)).toEqual(nextKey);
      const store = under.open();
      expect(await store.load(signal)).toMatchObject({ key, nextKey });
      expect(store.hasNextKey).toBe(true);
      await store.save('candidate', storedSecret('newer', 5), signal);
      expect(await opensWith()).toEqual(['secret current-key', 'candidate current-key']);
      expect(textsOf(await under.open().load(signal))).toEqual({ ...both, candidate: 'newer' });
    });

    it('opens everything with either key, however much is sealed anew', async () => {
      await under.open().createNextKey(signal);
      await under.open().sealAnew(signal);
      expect(await opensWith()).toEqual(['secret next-key', 'candidate next-key']);
      expect(textsOf(await under.open().load(signal))).toEqual(both);
      await under.open().save('candidate', storedSecret('newer', 5), signal);
      expect(await opensWith()).toEqual(['secret next-key', 'candidate current-key']);
      expect(textsOf(await under.open().load(signal))).toEqual({ ...both, candidate: 'newer' });
      await under.open().sealAnew(signal);
      await under.open().sealAnew(signal);
      expect(await opensWith()).toEqual(['secret next-key', 'candidate next-key']);
    });

    it('has one key again in the end', async () => {
      const names = await under.durable.list();
      const nextKey = await under.open().createNextKey(signal);
      const store = under.open();
      await store.sealAnew(signal);
      await store.promoteNextKey(signal);
      await store.promoteNextKey(signal);
      expect(store.hasNextKey).toBe(false);
      const image = await under.open().load(signal);
      expect(image).toMatchObject({ key: nextKey, nextKey: null, current: { generation: 4 } });
      expect(textsOf(image)).toEqual(both);
      expect(await opensWith()).toEqual(['secret current-key', 'candidate current-key']);
      expect(await under.durable.list()).toEqual(names);
      // the store that did it seals with the new one
      await store.save('current', storedSecret('next', 5), signal);
      expect(textsOf(await under.open().load(signal))).toEqual({ ...both, current: 'next' });
    });

    it('does not give up a key that still seals something', async () => {
      const nextKey = await under.open().createNextKey(signal);
      const code = 'STORE_UNAVAILABLE';
      await expect(under.open().promoteNextKey(signal)).rejects.toMatchObject({ code });
      expect(await under.open().load(signal)).toMatchObject({ key, nextKey });
      expect(textsOf(await under.open().load(signal))).toEqual(both);
    });

    it.each(slots)('stops at a damaged %s, and what is left opens', async (slot) => {
      await under.durable.damage(slot);
      await under.open().createNextKey(signal);
      const code = 'STATE_UNREADABLE';
      await expect(under.open().sealAnew(signal)).rejects.toMatchObject({ code });
      expect(textsOf(await under.open().load(signal))).toEqual({ ...both, [slot]: 'unreadable' });
    });

    it('seals nothing anew without a next key', async () => {
      const code = 'STORE_UNAVAILABLE';
      await expect(under.open().sealAnew(signal)).rejects.toMatchObject({ code });
      expect(await opensWith()).toEqual(['secret current-key', 'candidate current-key']);
    });
  });
}
