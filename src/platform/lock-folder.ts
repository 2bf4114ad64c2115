import { createHash } from 'node:crypto';
import { dirname, join } from 'node:path';
import { TokenwardError } from '../domain/errors.ts';
import type { Disk } from '../ports/disk.ts';
import type { Locks } from '../ports/lock.ts';
import { errorCode } from './system-error.ts';

/**
 * Where the locks live that are keyed by a secret store: two state folders may name one keychain item, and then only a place
 * that depends on nothing but the user brings their processes together. Hence fixed paths, and no environment variable.
 */

const BASES = ['/run/lock', '/tmp'] as const;
/** Why a base cannot be used for reasons of its own, so that the next one is tried. */
const UNUSABLE_BASE = new Set(['ENOENT', 'ENOTDIR', 'EACCES', 'EPERM', 'EROFS']);

/**
 * The folder for the locks of this user (a number), made where missing. Rejects `STATE_DIR_UNUSABLE` where no base can be
 * written, or where somebody else prepared the name.
 */
export async function lockFolder(disk: Disk, uid: number, bases: readonly string[] = BASES): Promise<string> {
  for (const base of bases) {
    const folder = join(base, `tokenward-${uid}`);
    if (await makeOurs(disk, folder, uid)) return folder;
  }
  throw new TokenwardError(
    'STATE_DIR_UNUSABLE',
    `no folder for locks can be made in ${bases.join(' or ')}; let this user write to one of them`,
  );
}

/** The lock file of one secret store. */
export function storeLockPath(folder: string, identity: string): string {
  return join(folder, createHash('sha256').update(identity).digest('hex'));
}

/**
 * The same locks, with the folder made again where it was removed since the start: a cleaner of /tmp takes what looks old. Who
 * still holds a lock of the removed folder finds its file gone before its next exchange.
 */
export function remakingFolder(
  locks: Locks,
  { disk, folder, uid }: { readonly disk: Disk; readonly folder: string; readonly uid: number },
): Locks {
  return {
    async tryAcquire(path) {
      if (dirname(path) === folder) await makeOurs(disk, folder, uid);
      return locks.tryAcquire(path);
    },
  };
}

/** False where its base cannot be used. Rejects `STATE_DIR_UNUSABLE` where the name is taken by something else. */
async function makeOurs(disk: Disk, folder: string, uid: number): Promise<boolean> {
  if (!(await isMade(disk, folder))) return false;
  await assertOurs(disk, folder, uid);
  return true;
}

async function isMade(disk: Disk, folder: string): Promise<boolean> {
  if ((await disk.stat(folder)) !== null) return true;
  try {
    await disk.makeFolder(folder, 0o700);
    return true;
  } catch (error) {
    // two processes may start at once, and something else may take the name: assertOurs looks at what is there
    if (errorCode(error) === 'EEXIST') return true;
    if (UNUSABLE_BASE.has(errorCode(error) ?? '')) return false;
    throw error;
  }
}

/** In a folder that all may write to, another user could have made ours first, and then would own every lock in it. */
async function assertOurs(disk: Disk, folder: string, uid: number): Promise<void> {
  const found = await disk.stat(folder);
  const isOurs = found?.kind === 'folder' && found.uid === uid && (found.mode & 0o022) === 0;
  if (isOurs) return;
  throw new TokenwardError(
    'STATE_DIR_UNUSABLE',
    `${folder} is not a folder that only this user can write to; remove it, tokenward makes it again`,
    { fields: { path: folder } },
  );
}
