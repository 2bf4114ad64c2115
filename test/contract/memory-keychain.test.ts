import { describe, expect, it } from 'vitest';
import type { SecretStore } from '../../src/ports/secret-store.ts';
import { SealedSecretStore } from '../../src/secrets/sealed-secret-store.ts';
import { ManualClock } from '../fakes/manual-clock.ts';
import { MemoryDisk } from '../fakes/memory-disk.ts';
import { type KeychainCondition, MemoryKeychain } from '../fakes/memory-keychain.ts';
import { everyChoice } from '../fakes/power-cuts.ts';
import { ProcessLife } from '../fakes/process-life.ts';
import { SeededRandom } from '../fakes/seeded-random.ts';
import { flipped, storedSecret } from './secret-store-contract.ts';
import { describeSealedSecretStore } from './secret-store-rekey-contract.ts';

const agent = 'web-01';
const { signal } = new AbortController();

function lifeOn(clock = new ManualClock()): ProcessLife {
  return new ProcessLife(clock, new MemoryDisk());
}

function storeOn(keychain: MemoryKeychain, life = lifeOn(), seed = 1): SecretStore {
  return new SealedSecretStore(agent, keychain.slots(agent, life), new SeededRandom(seed));
}

/** The generation of the current secret that a new process finds there; 0 where there is none. */
async function generationIn(keychain: MemoryKeychain): Promise<number> {
  const { current } = await storeOn(keychain).load(signal);
  return current === null || current === 'unreadable' ? 0 : current.generation;
}

/** What the keychain may hold afterwards, as generations. */
async function survivors(atRisk: number): Promise<readonly number[]> {
  const keychain = new MemoryKeychain({ atRisk });
  const store = storeOn(keychain);
  await store.createKey(signal);
  await store.save('current', storedSecret('one', 1), signal);
  keychain.settle();
  await store.save('current', storedSecret('two', 2), signal);
  await store.save('current', storedSecret('three', 3), signal);
  const cuts = Array.from(
    everyChoice((choose) => keychain.crash(choose)),
    ({ outcome }) => outcome,
  );
  return Promise.all(cuts.map(generationIn));
}

async function keptIn(condition: KeychainCondition) {
  const keychain = new MemoryKeychain();
  const clock = new ManualClock();
  const store = storeOn(keychain, lifeOn(clock));
  await store.createKey(signal);
  keychain.condition = condition;
  const saved = store.save('current', storedSecret('one', 1), signal).then(
    () => null,
    ({ code }: { code: string }) => code,
  );
  await clock.elapse(5_000);
  const code = await saved;
  keychain.condition = 'answering';
  return { code, generation: await generationIn(keychain) };
}

describeSealedSecretStore('keychain in memory', async () => {
  const keychain = new MemoryKeychain();
  let opened = 0;
  return {
    open: () => storeOn(keychain, lifeOn(), ++opened),
    durable: {
      damage: async (slot) => {
        const slots = keychain.slots(agent, lifeOn());
        await slots.write(slot, flipped((await slots.read(signal))[slot]), signal);
      },
      list: async () => [...keychain.items().keys()].toSorted(),
    },
    dispose: async () => {},
  };
});

describe('a power cut', () => {
  it.each([
    [0, [3]],
    [1, [2, 3]],
    [2, [1, 2, 3]],
    [9, [1, 2, 3]],
  ])('that may take the last %d changes leaves a whole earlier version', async (atRisk, generations) => {
    expect(new Set(await survivors(atRisk))).toEqual(new Set(generations));
  });
});

const afterLoss = (keychain: MemoryKeychain) => storeOn(keychain.crash(() => 0)).load(signal);

describe('the loss of the last change', () => {
  it('takes no key and no hand-over that was acknowledged', async () => {
    const keychain = new MemoryKeychain();
    const store = storeOn(keychain);
    const key = await store.createKey(signal);
    expect((await afterLoss(keychain)).key).toEqual(key);
    await store.save('candidate', storedSecret('handed over', 1), signal);
    expect(await afterLoss(keychain)).toMatchObject({ candidate: { generation: 1 } });
  });

  it('takes no key that a killed process made, once the next one has it', async () => {
    const keychain = new MemoryKeychain();
    const life = lifeOn();
    // the probe that tells an absent item from a locked keyring, there and away, and the key
    life.endAfter(3);
    void storeOn(keychain, life).createKey(signal);
    await new Promise((resolve) => setImmediate(resolve));
    expect([...keychain.items().keys()]).toEqual(['tokenward/web-01/wrapping-key']);
    expect((await afterLoss(keychain)).key).toBeNull();
    const key = await storeOn(keychain, lifeOn(), 2).createKey(signal);
    expect((await afterLoss(keychain)).key).toEqual(key);
  });
});

describe('a process that is killed', () => {
  it('leaves what it had saved to the next one', async () => {
    const keychain = new MemoryKeychain();
    const life = lifeOn();
    const store = storeOn(keychain, life);
    await store.createKey(signal);
    life.endAfter(1);
    void store.save('current', storedSecret('one', 1), signal);
    await new Promise((resolve) => setImmediate(resolve));
    expect(life.alive).toBe(false);
    expect(await generationIn(keychain)).toBe(1);
  });
});

describe('a keychain that does not answer as it should', () => {
  it.each([
    ['answering', null, 1],
    ['locked', 'STORE_LOCKED', 0],
    ['hung', 'STORE_HUNG', 0],
    ['silent', 'STORE_HUNG', 1],
    ['unreachable', 'STORE_UNREACHABLE', 0],
  ] as const)('%s: %s', async (condition, code, generation) => {
    expect(await keptIn(condition)).toEqual({ code, generation });
  });

  it('never says that nothing is there while it is locked', async () => {
    const keychain = new MemoryKeychain();
    keychain.condition = 'locked';
    await expect(storeOn(keychain).load(signal)).rejects.toMatchObject({ code: 'STORE_LOCKED' });
  });

  it('lets go of whoever gives up waiting', async () => {
    const keychain = new MemoryKeychain();
    keychain.condition = 'hung';
    const giveUp = new AbortController();
    const loading = storeOn(keychain).load(giveUp.signal);
    giveUp.abort(new Error('given up'));
    await expect(loading).rejects.toThrow('given up');
  });
});

it('a clone goes its own way', async () => {
  const keychain = new MemoryKeychain();
  await storeOn(keychain).createKey(signal);
  await storeOn(keychain).save('current', storedSecret('one', 1), signal);
  const clone = keychain.clone();
  await storeOn(clone).save('current', storedSecret('two', 2), signal);
  expect(await generationIn(keychain)).toBe(1);
  expect(await generationIn(clone)).toBe(2);
});
