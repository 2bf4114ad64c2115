import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { eventually } from '../../support/eventually.ts';
import { keyringParts, TestKeyring } from '../../support/keyring.ts';
import { describePart } from '../../support/parts.ts';
import { isAlive, keychainChildren } from './keychain-children.ts';

const setup = fileURLToPath(new URL('keychain-setup.ts', import.meta.url));

describePart(keyringParts, 'parent and child while D-Bus hangs', () => {
  let keyring: TestKeyring;
  beforeEach(async () => {
    keyring = await TestKeyring.start();
    keyring.signalBus('SIGSTOP');
  });
  afterEach(() => keyring[Symbol.asyncDispose]());

  it('a child dies with its parent, even when that is killed', async () => {
    const parent = startParent(keyring.env, 60_000);
    const [child] = await eventually(async () => {
      const children = await keychainChildren(parent.pid ?? 0);
      expect(children).toHaveLength(1);
      return children;
    });
    parent.kill('SIGKILL');
    await eventually(async () => expect(await isAlive(child?.pid ?? 0)).toBe(false));
  });

  it('a hung child does not keep its parent from ending', async () => {
    const parent = startParent(keyring.env, 500);
    const exit = once(parent, 'exit');
    const [said] = (await once(parent.stdout, 'data')) as [Buffer];
    expect(said.toString().trim()).toBe('STORE_HUNG');
    const from = performance.now();
    expect(await exit).toEqual([0, null]);
    expect(performance.now() - from).toBeLessThan(2_000);
  });
});

/** A process of its own that asks the keychain and then has nothing left to do. */
function startParent(env: TestKeyring['env'], deadlineMs: number) {
  const source = `
    import { keychainStore } from ${JSON.stringify(setup)};
    const store = keychainStore(process.env, 'web-01', { deadlineMs: ${deadlineMs} });
    store.load(new AbortController().signal).catch((error) => console.log(error.code));`;
  const args = ['--input-type=module', '--eval', source];
  return spawn(process.execPath, args, { env, stdio: ['ignore', 'pipe', 'inherit'] });
}
