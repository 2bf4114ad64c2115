import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { loadNative } from '../../../src/platform/native.ts';
import { createSystemClock } from '../../../src/platform/system-clock.ts';
import { systemRandom } from '../../../src/platform/system-random.ts';
import type { SecretStore } from '../../../src/ports/secret-store.ts';
import { CallLine } from '../../../src/secrets/call-line.ts';
import { askKeychain, type KeychainProgram } from '../../../src/secrets/keychain-process.ts';
import { type AskKeychain, KeychainSlots } from '../../../src/secrets/keychain-slots.ts';
import { SealedSecretStore } from '../../../src/secrets/sealed-secret-store.ts';
import { storedSecret } from '../../contract/secret-store-contract.ts';

const run = promisify(execFile);

/** The child as the source that it is; Node runs it without a build. */
const program: KeychainProgram = {
  execPath: process.execPath,
  script: fileURLToPath(new URL('../../../src/secrets/keychain-child.ts', import.meta.url)),
};

const clock = createSystemClock(await loadNative());

type Environment = Readonly<Record<string, string>>;

interface KeychainOptions {
  /** Generous by default: the machine that runs tests is busy. */
  readonly deadlineMs?: number;
  /** By default each store has a line of its own, as if it were in a process of its own. */
  readonly line?: CallLine;
}

export function keychainSlots(env: Environment, agent: string, options: KeychainOptions = {}): KeychainSlots {
  const { deadlineMs = 20_000, line = new CallLine() } = options;
  const ask: AskKeychain = (request, signal) =>
    line.run(() => askKeychain(request, { program, env, clock, deadlineMs }, signal), signal);
  return new KeychainSlots({ agent, uid: 1000, ask });
}

export function keychainStore(env: Environment, agent: string, options?: KeychainOptions): SecretStore {
  return new SealedSecretStore(agent, keychainSlots(env, agent, options), systemRandom);
}

/** All items of tokenward in the keyring, by account. */
export async function keychainItems(env: Environment): Promise<Readonly<Record<string, string>>> {
  const script = `require('keytar').findCredentials('tokenward').then((found) => console.log(JSON.stringify(found)))`;
  const { stdout } = await run(process.execPath, ['-e', script], { env });
  const items = JSON.parse(stdout) as { account: string; password: string }[];
  return Object.fromEntries(items.map(({ account, password }) => [account, password]));
}

/** Puts a value past us under an account of tokenward. */
export async function setKeychainItem(env: Environment, account: string, value: string): Promise<void> {
  const script = `require('keytar').setPassword('tokenward', ${JSON.stringify(account)}, ${JSON.stringify(value)})`;
  await run(process.execPath, ['-e', script], { env });
}

const { signal } = new AbortController();

/** Every call of the port, for what holds for all of them. */
const calls: Readonly<Record<string, (store: SecretStore) => Promise<unknown>>> = {
  load: (store) => store.load(signal),
  createKey: (store) => store.createKey(signal),
  save: (store) => store.save('current', storedSecret('s3cret'), signal),
  removeCandidate: (store) => store.removeCandidate(signal),
  proveWritable: (store) => store.proveWritable(signal),
};

/** How each call of the port ends, made on a store of its own, all at once: `done` or the code of its error. */
export async function codesOfAllCalls(open: () => SecretStore): Promise<Record<string, string>> {
  const codes = Object.entries(calls).map(
    async ([name, call]) => [name, await codeOf(call(open()))] as const,
  );
  return Object.fromEntries(await Promise.all(codes));
}

export function allCallsEnd(code: string): Record<string, string> {
  return Object.fromEntries(Object.keys(calls).map((name) => [name, code]));
}

async function codeOf(call: Promise<unknown>): Promise<string> {
  try {
    await call;
    return 'done';
  } catch (error) {
    return (error as { code: string }).code;
  }
}
