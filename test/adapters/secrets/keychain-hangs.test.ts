import { readFile } from 'node:fs/promises';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { SecretStore } from '../../../src/ports/secret-store.ts';
import { storedSecret } from '../../contract/secret-store-contract.ts';
import { eventually } from '../../support/eventually.ts';
import { keyringParts, TestKeyring } from '../../support/keyring.ts';
import { describePart } from '../../support/parts.ts';
import { type ChildSighting, keychainChildren } from './keychain-children.ts';
import { allCallsEnd, codesOfAllCalls, keychainStore } from './keychain-setup.ts';

vi.setConfig({ testTimeout: 60_000 });

/** For calls that must hang: by then their children are surely waiting. */
const deadlineMs = 3_000;

const { signal } = new AbortController();
const secret = storedSecret('correct-horse');

describePart(keyringParts, 'the keychain store on a keyring that does not answer', () => {
  let keyring: TestKeyring;
  let store: SecretStore;
  beforeEach(async () => {
    keyring = await TestKeyring.start({ prompter: 'waiting' });
    store = keychainStore(keyring.env, 'web-01');
    await store.createKey(signal);
  });
  afterEach(() => keyring[Symbol.asyncDispose]());

  const impatient = (agent = 'web-01') => keychainStore(keyring.env, agent, { deadlineMs });

  describe.each([
    ['the keyring daemon', () => keyring.signalDaemon('SIGSTOP'), () => keyring.signalDaemon('SIGCONT')],
    ['D-Bus', () => keyring.signalBus('SIGSTOP'), () => keyring.signalBus('SIGCONT')],
  ])('%s is stopped', (_what, stop, goOn) => {
    beforeEach(stop);

    it('says STORE_HUNG to every call, leaves no process, and works again when it goes on', async () => {
      expect(await codesOfAllCalls(impatient)).toEqual(allCallsEnd('STORE_HUNG'));
      await noChildIsLeft();
      goOn();
      await store.save('current', secret, signal);
      expect(await store.load(signal)).toMatchObject({ current: { generation: 1 } });
    });

    it('holds up neither our file reads nor our event loop', async () => {
      const agents = Array.from({ length: 6 }, (_, index) => impatient(`web-${index}`));
      const loads = Promise.allSettled(agents.map((each) => each.load(signal)));
      expect(await slowestRoundMs(loads)).toBeLessThan(1_000);
      expect(await loads).toMatchObject(
        agents.map(() => ({ status: 'rejected', reason: { code: 'STORE_HUNG' } })),
      );
    });

    it('ends with an abort at once', async () => {
      const controller = new AbortController();
      const outcome = expect(store.load(controller.signal)).rejects.toBe('shutting down');
      await waitingChild();
      controller.abort('shutting down');
      await outcome;
      await noChildIsLeft();
    });

    it('finishes a save although everything in the process group is told to end', async () => {
      const save = store.save('current', secret, signal);
      const { pid } = await waitingChild();
      for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.kill(pid, name);
      goOn();
      await save;
      expect(await store.load(signal)).toMatchObject({ current: { generation: 1 } });
    });

    it('shows no secret in the arguments or the environment of its child', async () => {
      const controller = new AbortController();
      const outcome = expect(store.save('current', secret, controller.signal)).rejects.toBe('seen enough');
      const { commandLine, environment } = await waitingChild();
      controller.abort('seen enough');
      await outcome;
      expect(commandLine.split('\0').filter((part) => part !== '')).toHaveLength(2);
      expect(environment).toContain(keyring.env['DBUS_SESSION_BUS_ADDRESS']);
      expect(commandLine + environment).not.toContain('correct-horse');
    });
  });

  it('says STORE_HUNG while a prompt to unlock it waits on the desktop', async () => {
    await keyring.lock();
    await expect(impatient().load(signal)).rejects.toMatchObject({ code: 'STORE_HUNG' });
  });

  it('says STORE_UNREACHABLE when the daemon dies in the middle of a call, and works with the next one', async () => {
    keyring.signalDaemon('SIGSTOP');
    const outcome = expect(store.save('current', secret, signal)).rejects.toMatchObject({
      code: 'STORE_UNREACHABLE',
    });
    await waitingChild();
    await keyring.killDaemon();
    await outcome;
    await keyring.startDaemon();
    await store.save('current', secret, signal);
    expect(await store.load(signal)).toMatchObject({ current: { generation: 1 } });
  });
});

/** A child that has loaded libsecret, and so is past everything but the keyring's answer. */
function waitingChild(): Promise<ChildSighting> {
  return eventually(async () => {
    const [child] = await keychainChildren(process.pid);
    if (child === undefined) throw new Error('there is no child yet');
    expect(await readFile(`/proc/${child.pid}/maps`, 'utf8')).toContain('libsecret');
    return child;
  });
}

async function noChildIsLeft(): Promise<void> {
  await eventually(async () => expect(await keychainChildren(process.pid)).toEqual([]));
}

/** Milliseconds that the slowest read of a file, with a turn of the event loop, took until `work` was through. */
async function slowestRoundMs(work: Promise<unknown>): Promise<number> {
  const state = { done: false };
  void work.finally(() => {
    state.done = true;
  });
  let slowest = 0;
  while (!state.done) {
    const from = performance.now();
    await readFile(import.meta.filename);
    await new Promise((resolve) => setImmediate(resolve));
    slowest = Math.max(slowest, performance.now() - from);
  }
  return slowest;
}
