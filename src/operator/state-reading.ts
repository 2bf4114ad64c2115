import type { AgentConfig } from '../config/config.ts';
import { TokenwardError } from '../domain/errors.ts';
import type { ReadState } from '../domain/remains.ts';
import { peekIntoJournal } from '../journal/peek.ts';
import type { WrappingKeys } from '../platform/reseal.ts';
import { systemDisk } from '../platform/system-disk.ts';
import { errorCode } from '../platform/system-error.ts';
import { systemRandom } from '../platform/system-random.ts';
import { keySource, type KeyConfig } from '../secrets/registry.ts';

/** The record and the session of an agent, read beside whoever uses them. `unread` says why they could not be, and what helps. */
export type StateReading =
  | { readonly state: ReadState; readonly unread: null }
  | { readonly state: null; readonly unread: string };

export interface StatePlace {
  readonly folder: string;
  /** Names of the sealed files in it. */
  readonly names: readonly string[];
  /** Whether a process may have the agent now. */
  readonly isHeld: boolean;
  readonly env: NodeJS.ProcessEnv;
}

const nothingStored = { record: null, session: null, candidateStored: false };

export async function readState({ name, secret }: AgentConfig, place: StatePlace): Promise<StateReading> {
  switch (secret.store) {
    case 'memory':
      return place.isHeld
        ? unread('its secret and its token are in the memory of that process only')
        : { state: nothingStored, unread: null };
    case 'keychain':
      return unread(
        'the key to its records is in the keychain, which could prompt and is not asked; start the daemon to see more',
      );
    case 'kubernetes':
      return unread(
        `its records are in the Kubernetes Secret ${secret.name}, and no server is asked; start the daemon to see more`,
      );
    case 'file':
      return place.names.length === 0
        ? { state: nothingStored, unread: null }
        : readWithKey(name, secret.key, place);
  }
}

async function readWithKey(agent: string, key: KeyConfig, place: StatePlace): Promise<StateReading> {
  const { folder, names, env } = place;
  if (key.kind === 'credential' && env['CREDENTIALS_DIRECTORY'] === undefined)
    return unread(
      `the key to its records is the systemd credential ${key.name}, which only the unit can read`,
    );
  try {
    const keys = await keysFor(key, folder, env);
    if (keys === null) return unread(`the wrapping key of its records is missing; bring it back`);
    const { record, session } = await peekIntoJournal({ disk: systemDisk, folder, agent }, keys);
    if (record === 'unreadable' || session === 'unreadable')
      return unread(`the wrapping key does not open its records; run \`tokenward recover ${agent}\``);
    const candidateStored = names.includes('candidate.sealed');
    return { state: { record, session, candidateStored }, unread: null };
  } catch (error) {
    const reason = error instanceof TokenwardError ? error.cause : error;
    const path = key.kind === 'key-file' ? key.path : folder;
    if (isForbidden(errorCode(reason))) return unread(notPermitted(path, errorCode(reason)));
    if (error instanceof TokenwardError) return unread(error.message);
    return unread(notPermitted(folder, errorCode(error)));
  }
}

/** null where there is no key. It may belong to the owner of the state, who need not be this user. */
async function keysFor(key: KeyConfig, folder: string, env: NodeJS.ProcessEnv): Promise<WrappingKeys | null> {
  const uid = (await systemDisk.stat(folder))?.uid ?? 0;
  const source = keySource(key, { uid, env, disk: systemDisk, random: systemRandom });
  const current = await source.read();
  return current === null ? null : { key: current, nextKey: await source.readNext() };
}

function unread(reason: string): StateReading {
  return { state: null, unread: reason };
}

function isForbidden(errno: string | undefined): boolean {
  return errno === 'EACCES' || errno === 'EPERM';
}

export function notPermitted(path: string, errno: string | undefined): string {
  if (isForbidden(errno)) return `this user may not read ${path}; run \`sudo tokenward status\``;
  return `${path} cannot be read (${errno ?? 'unknown error'}); see to its file system`;
}
