import { describe, expect, it } from 'vitest';
import { type Keyring, perform } from '../../../src/secrets/keychain-operations.ts';
import type { KeychainOperation } from '../../../src/secrets/keychain-protocol.ts';

type State = 'unlocked' | 'locked' | 'gone';

/** Behaves as keytar does on gnome-keyring, also where that is surprising. */
class FakeKeyring implements Keyring {
  readonly items = new Map<string, string>();
  state: State = 'unlocked';
  /** What happens when somebody writes to it while it is locked; a prompt may unlock it. */
  onLockedWrite = (): void => {};
  writes = 0;

  async getPassword(_service: string, account: string): Promise<string | null> {
    if (this.#answers()) return this.items.get(account) ?? null;
    return null;
  }

  async setPassword(_service: string, account: string, value: string): Promise<void> {
    this.writes += 1;
    if (this.state === 'locked') this.onLockedWrite();
    if (!this.#answers()) throw new Error('Cannot create an item in a locked collection');
    this.items.set(account, value);
  }

  async deletePassword(_service: string, account: string): Promise<boolean> {
    return this.#answers() && this.items.delete(account);
  }

  /** False where it is locked. */
  #answers(): boolean {
    if (this.state === 'gone') throw new Error('Could not connect: No such file or directory');
    return this.state === 'unlocked';
  }
}

function keyringWith(items: Record<string, string>, state: State = 'unlocked'): FakeKeyring {
  const keyring = new FakeKeyring();
  for (const [account, value] of Object.entries(items)) keyring.items.set(account, value);
  keyring.state = state;
  return keyring;
}

function ask(keyring: Keyring, operation: KeychainOperation) {
  return perform(keyring, { service: 'tokenward', probeAccount: 'a/probe', operation });
}

const readBoth = { kind: 'read', accounts: ['a/current', 'a/wrapping-key'] } as const;
const everyOperation: readonly KeychainOperation[] = [
  readBoth,
  { kind: 'write', account: 'a/current', value: 'new' },
  { kind: 'remove', account: 'a/current' },
  { kind: 'prove', value: 'full size' },
];

describe('an unlocked keyring', () => {
  it('gives values, and null for what is not there', async () => {
    const keyring = keyringWith({ 'a/wrapping-key': 'k' });
    expect(await ask(keyring, readBoth)).toEqual({ outcome: 'done', values: [null, 'k'] });
    expect(keyring.writes).toBe(0);
  });

  it('is found to be empty by a write that leaves nothing', async () => {
    const keyring = keyringWith({});
    expect(await ask(keyring, readBoth)).toEqual({ outcome: 'done', values: [null, null] });
    expect(keyring.writes).toBe(1);
    expect(keyring.items.size).toBe(0);
  });

  it('takes a write and gives it back', async () => {
    const keyring = keyringWith({ 'a/current': 'old' });
    expect(await ask(keyring, everyOperation[1]!)).toEqual({ outcome: 'done', values: ['new'] });
  });

  it('removes, also what is not there', async () => {
    const keyring = keyringWith({ 'a/current': 'old', other: 'x' });
    expect(await ask(keyring, everyOperation[2]!)).toEqual({ outcome: 'done', values: [] });
    expect(await ask(keyring, everyOperation[2]!)).toEqual({ outcome: 'done', values: [] });
    expect([...keyring.items.keys()]).toEqual(['other']);
  });

  it('says so where a removal does not help', async () => {
    const keyring = keyringWith({ 'a/current': 'old' });
    keyring.deletePassword = async () => false;
    expect(await ask(keyring, everyOperation[2]!)).toMatchObject({ outcome: 'write-refused' });
  });

  it('is proved writable even where another process removes the probe first', async () => {
    const keyring = keyringWith({});
    keyring.deletePassword = () => Promise.reject(new Error('No such interface'));
    expect(await ask(keyring, everyOperation[3]!)).toEqual({ outcome: 'done', values: [] });
  });
});

describe('a locked keyring', () => {
  it.each(everyOperation)('is never taken for an empty one: $kind', async (operation) => {
    const keyring = keyringWith({ 'a/current': 'old', 'a/wrapping-key': 'k' }, 'locked');
    expect(await ask(keyring, operation)).toEqual({
      outcome: 'write-refused',
      detail: 'Cannot create an item in a locked collection',
    });
    expect(keyring.items.get('a/current')).toBe('old');
  });

  it('is read again when the probe has unlocked it', async () => {
    const keyring = keyringWith({ 'a/current': 's', 'a/wrapping-key': 'k' }, 'locked');
    keyring.onLockedWrite = () => {
      keyring.state = 'unlocked';
    };
    expect(await ask(keyring, readBoth)).toEqual({ outcome: 'done', values: ['s', 'k'] });
  });
});

describe('a keyring that is not there', () => {
  it.each(everyOperation)('is unreachable: $kind', async (operation) => {
    const keyring = keyringWith({}, 'gone');
    expect(await ask(keyring, operation)).toEqual({
      outcome: 'unreachable',
      detail: 'Could not connect: No such file or directory',
    });
  });

  it('is unreachable, not locked, where it goes away at a write', async () => {
    const keyring = keyringWith({}, 'locked');
    keyring.onLockedWrite = () => {
      keyring.state = 'gone';
    };
    expect(await ask(keyring, readBoth)).toMatchObject({ outcome: 'unreachable' });
  });
});
