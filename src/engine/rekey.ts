import { TokenwardError } from '../domain/errors.ts';
import { wayOut } from '../domain/way-out.ts';
import type { Journal } from '../ports/journal.ts';
import type { SealedRecord } from '../ports/sealed-records.ts';
import type { SecretStore } from '../ports/secret-store.ts';
import type { AgentRecords } from '../ports/wrapping-keys.ts';
import { failureOf } from './failure.ts';

/**
 * Replaces the wrapping key of all agents that have it in common. Whoever calls holds the locks of every one of them.
 *
 * 1. Everything is opened; a record that does not open ends it here, before anything is changed.
 * 2. The next key is made durable beside the current one.
 * 3. Each record is sealed with the next key, one after another, as a whole and durably.
 * 4. All are read back: each opens with the next key.
 * 5. The next key takes the place of the current one, at once.
 *
 * Readers try both keys as long as both exist, and everybody but this seals with the current one, which was durable before.
 * So at every moment, and after a power cut, each record opens with a key that is durable; and a replacement that something
 * interrupted is finished by doing it again, with the next key that is there.
 */

export interface KeyUser {
  readonly agent: string;
  /** Not in the configuration: it counts only if something of it opens with the key. */
  readonly isRetired: boolean;
  readonly store: SecretStore;
  readonly journal: Journal;
}

export interface RekeyOptions {
  readonly signal: AbortSignal;
  /** Only what an earlier one began: without a next key nothing is done. */
  readonly onlyInterrupted?: boolean;
  /** Told of each agent whose records are sealed with the next key. */
  readonly told?: (sealed: AgentRecords) => void;
}

/** What would be sealed anew; changes nothing. Rejects as {@link replaceKey} does before it changes anything. */
export async function recordsToSeal(
  users: readonly KeyUser[],
  signal: AbortSignal,
): Promise<readonly AgentRecords[]> {
  return (await allOpened(users, signal)).map(({ agent, records }) => ({ agent, records }));
}

/**
 * Resolves to what was sealed anew. Rejects `SECRET_ABSENT` where there is no key yet, `STATE_UNREADABLE` and `STORE_MISMATCH`
 * where a record does not open or is not ours, `KEY_FILE_UNUSABLE` where the key's place is not ours to write to, `STORE_*` and
 * `STATE_DIR_UNUSABLE` where something cannot be written. Whatever it rejects with, everything still opens.
 */
export async function replaceKey(
  users: readonly KeyUser[],
  { signal, onlyInterrupted = false, told = () => {} }: RekeyOptions,
): Promise<readonly AgentRecords[]> {
  const found = await allOpened(users, signal);
  const first = found.find(({ isRetired }) => !isRetired);
  if (first === undefined) return [];
  const { key, nextKey } = await first.store.load(signal);
  if (onlyInterrupted && nextKey === null) return [];
  if (key === null) throw noKeyYet(first.agent);
  for (const { store, journal } of found) {
    await Promise.all([store.proveWritable(signal), journal.proveWritable()]);
  }
  await first.store.createNextKey(signal);
  try {
    for (const user of found) {
      await sealAnew(user, signal);
      told({ agent: user.agent, records: user.records });
    }
    await first.store.promoteNextKey(signal);
  } catch (error) {
    throw halfDone(first.agent, error);
  }
  return found.map(({ agent, records }) => ({ agent, records }));
}

type OpenedUser = KeyUser & AgentRecords;

async function allOpened(users: readonly KeyUser[], signal: AbortSignal): Promise<readonly OpenedUser[]> {
  const opened: OpenedUser[] = [];
  for (const user of users) {
    const records = await openedRecords(user, signal);
    if (user.isRetired && records.length === 0) continue;
    opened.push({ ...user, records: records.map(({ name }) => name) });
  }
  return opened;
}

/** All opened by one of the keys, and ours. */
async function openedRecords(
  { agent, isRetired, store, journal }: KeyUser,
  signal: AbortSignal,
): Promise<readonly SealedRecord[]> {
  const { key, nextKey, current, candidate } = await store.load(signal);
  if (key === null) {
    if (current === null && candidate === null && !(await journal.hasState())) return [];
    const advice = 'bring it back (never make a new one over it)';
    throw new TokenwardError('STORE_UNAVAILABLE', `the wrapping key of ${agent} is missing; ${advice}`);
  }
  const { record } = await journal.open(key, nextKey);
  const records = [...(await store.records(signal)), ...(await journal.records(signal))];
  if (isRetired && records.every(({ opensWith }) => opensWith === 'no-key')) return [];
  const closed = records.find(({ opensWith }) => opensWith === 'no-key');
  if (closed !== undefined) throw unreadable(agent, closed.name);
  const owner = record === 'unreadable' ? undefined : record?.stateId;
  for (const secret of [current, candidate]) {
    if (secret !== null && secret !== 'unreadable' && secret.owner !== owner) throw notOurs(agent);
  }
  return records;
}

async function sealAnew({ agent, store, journal }: KeyUser, signal: AbortSignal): Promise<void> {
  const { key, nextKey } = await store.load(signal);
  if (key === null || nextKey === null) throw keysChanged(agent);
  await journal.open(key, nextKey);
  await store.sealAnew(signal);
  await journal.sealAnew(signal);
  const records = [...(await store.records(signal)), ...(await journal.records(signal))];
  const left = records.find(({ opensWith }) => opensWith !== 'next-key');
  if (left !== undefined) throw unreadable(agent, left.name);
}

function noKeyYet(agent: string): TokenwardError {
  const advice = `\`tokenward enroll ${agent}\` or \`import\` makes it with the first secret`;
  return new TokenwardError('SECRET_ABSENT', `${agent} has no wrapping key yet; ${advice}`);
}

function unreadable(agent: string, record: string): TokenwardError {
  const message = `the ${record} record of ${agent} does not open with its wrapping key, so the key is not replaced; ${wayOut('STATE_UNREADABLE', agent)}`;
  return new TokenwardError('STATE_UNREADABLE', message, { fields: { agent, record } });
}

/** Their journal is sealed with the same key, and we do not have it. */
function notOurs(agent: string): TokenwardError {
  const message = `the secret store of ${agent} belongs to another state folder, so its key is not replaced; ${wayOut('STORE_MISMATCH', agent)}`;
  return new TokenwardError('STORE_MISMATCH', message, { fields: { agent } });
}

function keysChanged(agent: string): TokenwardError {
  const message = `the wrapping key of ${agent} was changed by somebody else meanwhile; see to the place where it is kept`;
  return new TokenwardError('STORE_UNAVAILABLE', message, { fields: { agent } });
}

function halfDone(agent: string, cause: unknown): TokenwardError {
  const { code, message } = explained(cause);
  const advice = `nothing is lost, both keys are kept, and the daemon goes on with it by itself; or run \`tokenward rekey ${agent}\` again`;
  return new TokenwardError(code, `${message}; the replacement is half done: ${advice}`, { cause });
}

/** A failure on the way, in words that help. */
export function explained(error: unknown): TokenwardError {
  if (error instanceof TokenwardError) return error;
  if (error instanceof Error && error.name === 'AbortError')
    return new TokenwardError('SHUTTING_DOWN', 'the daemon is stopping; try again in a moment');
  const { code, detail } = failureOf(error, 'STATE_DIR_UNUSABLE');
  return new TokenwardError(code, detail, { cause: error });
}
