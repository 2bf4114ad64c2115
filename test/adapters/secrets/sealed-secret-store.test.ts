import { beforeEach, describe, expect, it } from 'vitest';
import { seal } from '../../../src/platform/seal.ts';
import { systemRandom } from '../../../src/platform/system-random.ts';
import { SealedSecretStore } from '../../../src/secrets/sealed-secret-store.ts';
import { storedSecret } from '../../contract/secret-store-contract.ts';
import { MemorySlots } from '../../fakes/memory-slots.ts';

const { signal } = new AbortController();
let slots: MemorySlots;
let store: SealedSecretStore;

beforeEach(async () => {
  slots = new MemorySlots();
  store = new SealedSecretStore('web-01', slots, systemRandom);
});

describe('what cannot be opened is unreadable', () => {
  beforeEach(async () => {
    await store.createKey(signal);
    await store.save('current', storedSecret('current', 3), signal);
    await store.save('candidate', storedSecret('candidate', 4), signal);
  });

  it('the record of the other slot', async () => {
    slots.current = slots.candidate;
    expect(await store.load(signal)).toMatchObject({ current: 'unreadable', candidate: { generation: 4 } });
  });

  it('the record of another agent with the same key', async () => {
    const other = new SealedSecretStore('web-02', slots, systemRandom);
    expect(await other.load(signal)).toMatchObject({ current: 'unreadable', candidate: 'unreadable' });
  });

  it('everything, under another key', async () => {
    slots.key = systemRandom.bytes(32);
    expect(await store.load(signal)).toMatchObject({ current: 'unreadable', candidate: 'unreadable' });
  });

  it('everything, where the key is gone', async () => {
    slots.key = null;
    expect(await store.load(signal)).toEqual({
      key: null,
      nextKey: null,
      current: 'unreadable',
      candidate: 'unreadable',
    });
  });

  it('an empty record and one that is cut short', async () => {
    slots.current = new Uint8Array();
    slots.candidate = slots.candidate?.subarray(0, -1) ?? null;
    expect(await store.load(signal)).toMatchObject({ current: 'unreadable', candidate: 'unreadable' });
  });

  it.each([
    ['no JSON', 'not json'],
    ['null', 'null'],
    ['a field is missing', '{"text":"x","generation":3,"owner":"o"}'],
    ['a field has another type', '{"text":1,"generation":3,"owner":"o","origin":"https://x"}'],
    ['another generation inside', '{"text":"x","generation":2,"owner":"o","origin":"https://x"}'],
  ])('an authentic record with something else in it: %s', async (_what, plaintext) => {
    const context = { agent: 'web-01', generation: 3, kind: 'secret' } as const;
    slots.current = seal(slots.key ?? new Uint8Array(), context, Buffer.from(plaintext), systemRandom);
    expect((await store.load(signal)).current).toBe('unreadable');
  });
});

describe('a place that does not keep what it took', () => {
  it.each([
    ['lost', () => null],
    ['cut short', (bytes: Uint8Array) => bytes.subarray(1)],
    ['replaced', (bytes: Uint8Array) => bytes.toReversed()],
  ])('fails the save: %s', async (_what, keep) => {
    await store.createKey(signal);
    slots.keep = keep;
    await expect(store.save('current', storedSecret('s3cret'), signal)).rejects.toMatchObject({
      code: 'STORE_UNAVAILABLE',
      message: expect.stringContaining('web-01') as string,
    });
  });

  it('fails to make a key', async () => {
    slots.keep = () => null;
    await expect(store.createKey(signal)).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE' });
  });
});

it('saves without asking for a key that it knows', async () => {
  await store.createKey(signal);
  await store.save('current', storedSecret('s3cret'), signal);
  expect(slots.calls).toEqual(['create-key', 'write current', 'wrote current']);
});

it('asks for the key where it has not seen it', async () => {
  await store.createKey(signal);
  const another = new SealedSecretStore('web-01', slots, systemRandom);
  await another.save('current', storedSecret('s3cret', 7), signal);
  expect(await store.load(signal)).toMatchObject({ current: { generation: 7 } });
});

it('forgets a key that the place no longer has', async () => {
  await store.createKey(signal);
  slots.key = null;
  await store.load(signal);
  await expect(store.save('current', storedSecret('s3cret'), signal)).rejects.toMatchObject({
    code: 'STORE_UNAVAILABLE',
  });
  expect(slots.current).toBeNull();
});

it('proves with a record as large as the largest answer of a server', async () => {
  await store.proveWritable(signal);
  expect(slots.calls).toEqual([`prove ${65 * 1024}`]);
});

it('does one thing at a time, whatever becomes of the one before', async () => {
  await store.createKey(signal);
  slots.keep = () => null;
  const failing = store.save('current', storedSecret('first'), signal);
  const following = store.load(signal);
  await expect(failing).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE' });
  await following;
  expect(slots.calls.slice(1)).toEqual(['write current', 'wrote current', 'read']);
});
