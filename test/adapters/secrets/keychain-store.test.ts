import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { SecretStore } from '../../../src/ports/secret-store.ts';
import { CallLine } from '../../../src/secrets/call-line.ts';
import { storedSecret } from '../../contract/secret-store-contract.ts';
import { keyringParts, TestKeyring } from '../../support/keyring.ts';
import { describePart } from '../../support/parts.ts';
import {
  allCallsEnd,
  codesOfAllCalls,
  keychainItems,
  keychainSlots,
  keychainStore,
  setKeychainItem,
} from './keychain-setup.ts';

// each call starts a process, and a test makes many
vi.setConfig({ testTimeout: 60_000 });

const { signal } = new AbortController();
const secret = storedSecret('correct-horse');

describePart(keyringParts, 'the keychain store', () => {
  let keyring: TestKeyring;
  let store: SecretStore;
  afterEach(() => keyring[Symbol.asyncDispose]());

  /** All in one line, as the stores of one process are. */
  const line = new CallLine();
  const openStore = (agent = 'web-01') => keychainStore(keyring.env, agent, { line });

  /** A keyring with everything in it that a store can have. */
  async function startFilled(): Promise<void> {
    keyring = await TestKeyring.start();
    store = openStore();
    await store.createKey(signal);
    await store.save('current', secret, signal);
    await store.save('candidate', storedSecret('candidate', 2), signal);
  }

  describe('on a keyring that works', () => {
    beforeEach(startFilled);

    it('keeps one line of base64url under each account, and nothing else', async () => {
      await store.proveWritable(signal);
      const items = await keychainItems(keyring.env);
      const accounts = ['web-01/candidate', 'web-01/current', 'web-01/wrapping-key'];
      expect(Object.keys(items).toSorted()).toEqual(accounts);
      for (const value of Object.values(items)) expect(value).toMatch(/^[A-Za-z0-9_-]+$/);
      const plain = Buffer.from('correct-horse').toString('base64url').slice(0, -2);
      expect(JSON.stringify(items)).not.toContain(plain);
    });

    it('has everything after a crash of the keyring daemon', async () => {
      await keyring.killDaemon();
      await keyring.startDaemon();
      expect(await store.load(signal)).toMatchObject({
        current: { generation: 1 },
        candidate: { generation: 2 },
      });
    });

    it('serves several agents at once', async () => {
      const agents = ['web-02', 'web-03', 'web-04'].map((agent) => keychainStore(keyring.env, agent));
      await Promise.all(agents.map((each) => each.createKey(signal)));
      await Promise.all(agents.map((each, index) => each.save('current', storedSecret('s', index), signal)));
      const images = await Promise.all(agents.map((each) => each.load(signal)));
      expect(images).toMatchObject(
        [0, 1, 2].map((generation) => ({ current: { generation }, candidate: null })),
      );
    });

    it('forgets an agent when told to, and no other', async () => {
      await keychainStore(keyring.env, 'web-02').createKey(signal);
      await keychainSlots(keyring.env, 'web-01').forget(signal);
      expect(Object.keys(await keychainItems(keyring.env))).toEqual(['web-02/wrapping-key']);
      expect(await openStore().load(signal)).toEqual({
        key: null,
        nextKey: null,
        current: null,
        candidate: null,
      });
    });

    it('has one identity for all state folders of the user, and another for another agent', () => {
      expect(openStore().identity).toBe(store.identity);
      expect(openStore('web-02').identity).not.toBe(store.identity);
    });

    it('refuses a wrapping key that was altered, and does not replace it', async () => {
      await setKeychainItem(keyring.env, 'web-01/wrapping-key', 'c2hvcnQ');
      const message = expect.stringContaining('web-01/wrapping-key') as string;
      await expect(store.load(signal)).rejects.toMatchObject({ code: 'STATE_UNREADABLE', message });
      await expect(store.createKey(signal)).rejects.toMatchObject({ code: 'STATE_UNREADABLE', message });
      expect((await keychainItems(keyring.env))['web-01/wrapping-key']).toBe('c2hvcnQ');
    });
  });

  describe('on a locked keyring', () => {
    it('says STORE_LOCKED to every call, and has everything when it is unlocked', async () => {
      await startFilled();
      await keyring.lock();
      expect(await codesOfAllCalls(() => openStore())).toEqual(allCallsEnd('STORE_LOCKED'));
      const save = store.save('current', storedSecret('too late', 9), signal);
      await expect(save).rejects.toMatchObject({ code: 'STORE_LOCKED' });
      await keyring.unlock();
      expect(await store.load(signal)).toMatchObject({
        current: { generation: 1 },
        candidate: { generation: 2 },
      });
    });

    it('says STORE_LOCKED to many at once, again and again', async () => {
      await startFilled();
      await keyring.lock();
      for (let round = 0; round < 5; round += 1) {
        const loads = Array.from({ length: 6 }, () => openStore().load(signal));
        const outcomes = await Promise.allSettled(loads);
        expect(outcomes).toMatchObject(loads.map(() => ({ reason: { code: 'STORE_LOCKED' } })));
      }
    });

    it('says STORE_LOCKED also where nothing was ever stored', async () => {
      keyring = await TestKeyring.start();
      expect(await openStore().load(signal)).toEqual({
        key: null,
        nextKey: null,
        current: null,
        candidate: null,
      });
      await keyring.lock();
      await expect(openStore().load(signal)).rejects.toMatchObject({ code: 'STORE_LOCKED' });
    });

    it('says STORE_LOCKED where nobody has ever unlocked it', async () => {
      keyring = await TestKeyring.startBus();
      await keyring.startFreshDaemon();
      expect(await codesOfAllCalls(() => openStore())).toEqual(allCallsEnd('STORE_LOCKED'));
    });
  });

  describe('without a keyring', () => {
    it('says STORE_UNREACHABLE where the bus has no Secret Service', async () => {
      keyring = await TestKeyring.startBus();
      expect(await codesOfAllCalls(() => openStore())).toEqual(allCallsEnd('STORE_UNREACHABLE'));
    });

    it('says STORE_UNREACHABLE where there is no bus', async () => {
      keyring = await TestKeyring.startBus();
      await keyring.killBus();
      expect(await codesOfAllCalls(() => openStore())).toEqual(allCallsEnd('STORE_UNREACHABLE'));
    });

    it('says STORE_UNREACHABLE where nothing tells the address of a bus', async () => {
      keyring = await TestKeyring.startBus();
      const { DBUS_SESSION_BUS_ADDRESS: _address, ...env } = keyring.env;
      store = keychainStore({ ...env, XDG_RUNTIME_DIR: '/nonexistent' }, 'web-01');
      await expect(store.load(signal)).rejects.toMatchObject({ code: 'STORE_UNREACHABLE' });
    });

    it('says STORE_UNREACHABLE with advice where libsecret is missing', async () => {
      keyring = await TestKeyring.start();
      const libraries = join(keyring.env['HOME'] ?? '', 'libraries');
      await mkdir(libraries);
      await writeFile(join(libraries, 'libsecret-1.so.0'), 'not a library');
      store = keychainStore({ ...keyring.env, LD_LIBRARY_PATH: libraries }, 'web-01');
      const message = expect.stringContaining('apt-get install libsecret-1-0') as string;
      await expect(store.load(signal)).rejects.toMatchObject({ code: 'STORE_UNREACHABLE', message });
    });
  });
});
