import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { matching } from '../support/matching.ts';
import { fullRecord, key, rawOf, sessionToken, type JournalUnderTest } from './journal-contract.ts';

/** What a journal promises besides, when it outlives its process: its wrapping key can be replaced, in steps. */
export function describeJournalRekey(name: string, setUp: () => Promise<JournalUnderTest>): void {
  describe(`the journal contract, the key being replaced: ${name}`, () => {
    const record = fullRecord();
    const nextKey = new Uint8Array(32).fill(8);
    const { signal } = new AbortController();
    let under: JournalUnderTest;

    beforeEach(async () => {
      under = await setUp();
    });
    afterEach(() => under.dispose());

    /** The next process, with the keys that it finds. */
    const open = async (...keys: [Uint8Array, Uint8Array?]) => {
      const journal = under.open();
      return { journal, image: await journal.open(...keys) };
    };
    const opensWith = async () => {
      const { journal } = await open(key, nextKey);
      return (await journal.records(signal)).map((each) => each.opensWith);
    };
    const full = async () => {
      const { journal } = await open(key);
      await journal.saveRecord(record);
      await journal.saveSession(sessionToken());
      for (const status of [502, 200]) await journal.saveRaw(rawOf(status));
      return (await open(key)).image;
    };

    it('has nothing to seal where nothing is', async () => {
      const { journal } = await open(key, nextKey);
      expect(await journal.records(signal)).toEqual([]);
      await journal.sealAnew(signal);
      expect(await journal.hasState()).toBe(false);
    });

    it('names what it holds', async () => {
      await full();
      const { journal } = await open(key);
      const names = (await journal.records(signal)).map((each) => each.name);
      expect(names).toEqual(['journal', 'session', matching('raw-'), matching('raw-')]);
    });

    it('opens with either key until all is sealed anew, and then with the next alone', async () => {
      const before = await full();
      const { journal } = await open(key, nextKey);
      await journal.sealAnew(signal);
      await journal.sealAnew(signal);
      expect(await opensWith()).toEqual(Array(4).fill('next-key'));
      expect((await open(key, nextKey)).image).toEqual(before);
      expect((await open(nextKey)).image).toEqual(before);
      expect((await open(key)).image).toEqual({
        record: 'unreadable',
        session: 'unreadable',
        raws: 'unreadable',
      });
    });

    it('is written with the key that it has until then', async () => {
      const { journal } = await open(key, nextKey);
      await journal.saveSession(sessionToken());
      await journal.sealAnew(signal);
      await journal.saveRecord(record);
      expect(await opensWith()).toEqual(['current-key', 'next-key']);
      const { image } = await open(key, nextKey);
      expect(image).toMatchObject({ record, session: sessionToken() });
    });

    it('stops at a record that no key opens, and the others are as they were', async () => {
      await full();
      const strange = (await open(new Uint8Array(32).fill(9))).journal;
      await strange.saveSession(sessionToken());
      const { journal } = await open(key, nextKey);
      await expect(journal.sealAnew(signal)).rejects.toMatchObject({ code: 'STATE_UNREADABLE' });
      expect((await open(key, nextKey)).image).toMatchObject({
        record,
        session: 'unreadable',
        raws: [expect.anything(), expect.anything()] as unknown[],
      });
    });
  });
}
