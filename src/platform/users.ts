import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { promisify } from 'node:util';
import { TokenwardError } from '../domain/errors.ts';
import { errorCode } from './system-error.ts';

/**
 * Names of users and groups and their numbers: the local files first, then `getent`, which also asks LDAP and SSSD. Numbers
 * pass through, known or not; what a number such as 65534 means is the caller's business. All calls reject `CONFIG_INVALID`
 * where the sources cannot tell.
 */
export interface Users {
  /** The uid of a name or a number as text. Rejects `CONFIG_INVALID` also for a name that nobody has. */
  userId(nameOrNumber: string): Promise<number>;
  groupId(nameOrNumber: string): Promise<number>;
  /** The name of a uid; null where it has none. */
  userName(uid: number): Promise<string | null>;
  groupName(gid: number): Promise<string | null>;
}

/**
 * What the kernel shows for an id that our user namespace does not have (`/proc/sys/kernel/overflowuid`, overflowgid): many strangers
 * share it, so no rule can mean it.
 */
export const overflowId = 65_534;

type Database = 'passwd' | 'group';

export interface UserSources {
  readonly files: Readonly<Record<Database, string>>;
  /** The program that is asked for what the files do not have. */
  readonly getent: string;
}

const SYSTEM_SOURCES: UserSources = {
  files: { passwd: '/etc/passwd', group: '/etc/group' },
  getent: 'getent',
};
const GETENT_TIMEOUT_MS = 5_000;
/** The exit code for a key that no source has (getent(1)). */
const GETENT_UNKNOWN = 2;
const NUMBER = /^\d{1,10}$/;
/** Field separators cannot be in a name, and a leading dash would be an option to `getent`. */
const NAME = /^[^-:\s][^:\s]*$/;
/** (uid_t)-1 is no one's number. */
const MAX_ID = 0xffff_fffe;

export function createUsers(sources: UserSources = SYSTEM_SOURCES): Users {
  const find = (database: Database, key: string): Promise<Entry | null> => findEntry(sources, database, key);
  return {
    userId: (text) => idOf(find, 'passwd', text),
    groupId: (text) => idOf(find, 'group', text),
    userName: async (uid) => (await find('passwd', String(uid)))?.name ?? null,
    groupName: async (gid) => (await find('group', String(gid)))?.name ?? null,
  };
}

interface Entry {
  readonly name: string;
  readonly id: number;
}

async function idOf(
  find: (database: Database, key: string) => Promise<Entry | null>,
  database: Database,
  text: string,
): Promise<number> {
  if (NUMBER.test(text) && Number(text) <= MAX_ID) return Number(text);
  const entry = NAME.test(text) && !NUMBER.test(text) ? await find(database, text) : null;
  if (entry !== null) return entry.id;
  const what = database === 'passwd' ? 'user' : 'group';
  throw new TokenwardError(
    'CONFIG_INVALID',
    `there is no ${what} "${text}" on this host; correct it, or run: ${what}add --system ${text}`,
    {
      fields: { [what]: text },
    },
  );
}

async function findEntry(
  { files, getent }: UserSources,
  database: Database,
  key: string,
): Promise<Entry | null> {
  const local = matching(await readLocal(files[database]), key);
  return local ?? matching(await askGetent(getent, database, key), key);
}

async function readLocal(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    // a minimal image may have neither file
    if (errorCode(error) === 'ENOENT') return '';
    throw error;
  }
}

async function askGetent(program: string, database: Database, key: string): Promise<string> {
  try {
    const { stdout } = await promisify(execFile)(program, [database, '--', key], {
      timeout: GETENT_TIMEOUT_MS,
    });
    return stdout;
  } catch (error) {
    const code = typeof error === 'object' && error !== null && 'code' in error ? error.code : undefined;
    if (code === GETENT_UNKNOWN || code === 'ENOENT') return '';
    throw new TokenwardError(
      'CONFIG_INVALID',
      `getent does not answer for "${key}"; see to the directory service, or give a number`,
      {
        cause: error,
      },
    );
  }
}

/** Of lines `name:password:id:…` (passwd(5), group(5)), the one with this name or number. */
function matching(table: string, key: string): Entry | null {
  for (const line of table.split('\n')) {
    const [name = '', , id = ''] = line.split(':');
    if ((name === key || id === key) && NUMBER.test(id)) return { name, id: Number(id) };
  }
  return null;
}
