import type { KeychainAnswer, KeychainOperation, KeychainRequest } from './keychain-protocol.ts';

/**
 * The operations of the keychain child, on keytar's API. Its two traps: with a locked keyring a read answers null and a
 * removal false, exactly as if the item were absent; only a write fails. So a null is believed only when another item could
 * be read after it, or the throw-away item could be written.
 */

/** What we use of keytar. */
export interface Keyring {
  getPassword(service: string, account: string): Promise<string | null>;
  setPassword(service: string, account: string, value: string): Promise<void>;
  deletePassword(service: string, account: string): Promise<boolean>;
}

/** Never rejects: a failure is an answer. */
export async function perform(
  keyring: Keyring,
  { service, probeAccount, operation }: KeychainRequest,
): Promise<KeychainAnswer> {
  try {
    const values = await run(new Conversation(keyring, service, probeAccount), operation);
    return { outcome: 'done', values };
  } catch (error) {
    if (error instanceof WriteRefused) return { outcome: 'write-refused', detail: error.message };
    return { outcome: 'unreachable', detail: messageOf(error) };
  }
}

function run(conversation: Conversation, operation: KeychainOperation): Promise<readonly (string | null)[]> {
  switch (operation.kind) {
    case 'read':
      return conversation.read(operation.accounts);
    case 'write':
      return conversation.write(operation.account, operation.value);
    case 'remove':
      return conversation.remove(operation.account);
    case 'prove':
      return conversation.prove(operation.value);
  }
}

class WriteRefused extends Error {}

class Conversation {
  readonly #keyring: Keyring;
  readonly #service: string;
  readonly #probeAccount: string;

  constructor(keyring: Keyring, service: string, probeAccount: string) {
    this.#keyring = keyring;
    this.#service = service;
    this.#probeAccount = probeAccount;
  }

  async read(accounts: readonly string[]): Promise<(string | null)[]> {
    const values = await this.#readAll(accounts);
    if (values.at(-1) !== null) return values;
    await this.prove('probe');
    // a prompt of the keyring may have unlocked it meanwhile
    return this.#readAll(accounts);
  }

  async write(account: string, value: string): Promise<(string | null)[]> {
    await this.#set(account, value);
    return this.#readAll([account]);
  }

  async remove(account: string): Promise<(string | null)[]> {
    // false for a locked keyring, an error when another process was faster: what counts is that a read finds nothing
    await this.#keyring.deletePassword(this.#service, account).catch(() => {});
    const [left] = await this.read([account]);
    if (left != null) throw new WriteRefused('the item is still there after its removal');
    return [];
  }

  async prove(value: string): Promise<(string | null)[]> {
    await this.#set(this.#probeAccount, value);
    // the write was the proof; what cannot be removed is replaced by the next proof
    await this.#keyring.deletePassword(this.#service, this.#probeAccount).catch(() => {});
    return [];
  }

  /** One after another: libsecret's calls from several threads trip over each other. */
  async #readAll(accounts: readonly string[]): Promise<(string | null)[]> {
    const values: (string | null)[] = [];
    for (const account of accounts) {
      values.push(await this.#keyring.getPassword(this.#service, account));
    }
    return values;
  }

  async #set(account: string, value: string): Promise<void> {
    try {
      await this.#keyring.setPassword(this.#service, account, value);
    } catch (error) {
      // a read never fails for being locked: if it fails too, nobody is there
      await this.#keyring.getPassword(this.#service, account);
      throw new WriteRefused(messageOf(error));
    }
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
