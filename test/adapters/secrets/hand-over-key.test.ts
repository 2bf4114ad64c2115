import { beforeEach, describe, expect, it } from 'vitest';
import { systemRandom } from '../../../src/platform/system-random.ts';
import { SealedSecretStore } from '../../../src/secrets/sealed-secret-store.ts';
import { storedSecret } from '../../contract/secret-store-contract.ts';
import { MemorySlots } from '../../fakes/memory-slots.ts';

/** What was handed over is promised to last, so that its key must be there at that very moment; an answer cannot wait for that. */

const { signal } = new AbortController();
let slots: MemorySlots;
let store: SealedSecretStore;

beforeEach(async () => {
  slots = new MemorySlots();
  store = new SealedSecretStore('web-01', slots, systemRandom);
  await store.createKey(signal);
  await store.save('current', storedSecret('current', 3), signal);
});

const handOver = () => store.save('candidate', storedSecret('handed over', 4), signal);
const saveAnswer = () => store.save('current', storedSecret('next', 4), signal);

describe('a wrapping key that is gone since it was read', () => {
  beforeEach(() => {
    slots.key = null;
  });

  it('takes no hand-over', async () => {
    await expect(handOver()).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE' });
    expect(slots.candidate).toBeNull();
  });

  it('still seals an answer, which has nowhere else to go', async () => {
    await saveAnswer();
    expect(await store.load(signal)).toMatchObject({ current: 'unreadable' });
  });
});

describe('a wrapping key that is another one since it was read', () => {
  it('takes no hand-over, and seals an answer with the one that was proved', async () => {
    const good = slots.key;
    slots.key = systemRandom.bytes(32);
    await expect(handOver()).rejects.toMatchObject({ code: 'STATE_UNREADABLE' });
    expect(slots.candidate).toBeNull();
    await saveAnswer();
    slots.key = good;
    expect(await store.load(signal)).toMatchObject({ current: { generation: 4 }, candidate: null });
  });
});
