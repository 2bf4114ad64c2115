import { afterAll, beforeAll, vi } from 'vitest';
import { keychainItems, keychainSlots, keychainStore } from '../adapters/secrets/keychain-setup.ts';
import { keyringParts, TestKeyring } from '../support/keyring.ts';
import { describePart } from '../support/parts.ts';
import { flipped } from './secret-store-contract.ts';
import { describeSealedSecretStore } from './secret-store-rekey-contract.ts';

// each call starts a process, and a test makes many
vi.setConfig({ testTimeout: 60_000 });

describePart(keyringParts, 'on a real keyring', () => {
  let keyring: TestKeyring;
  let agents = 0;
  beforeAll(async () => {
    keyring = await TestKeyring.start();
  });
  afterAll(() => keyring[Symbol.asyncDispose]());

  describeSealedSecretStore('keychain', async () => {
    agents += 1;
    const name = `web-${agents}`;
    const { env } = keyring;
    const { signal } = new AbortController();
    return {
      open: () => keychainStore(env, name),
      durable: {
        damage: async (slot) => {
          const slots = keychainSlots(env, name);
          await slots.write(slot, flipped((await slots.read(signal))[slot]), signal);
        },
        list: async () => Object.keys(await keychainItems(env)).toSorted(),
      },
      dispose: async () => {},
    };
  });
});
