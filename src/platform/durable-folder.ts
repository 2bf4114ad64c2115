import { dirname } from 'node:path';
import type { Disk } from '../ports/disk.ts';
import { errorCode } from './system-error.ts';

/** Why the folder above cannot be opened for its fsync: it is somebody else's, who made this one there for us. */
const SOMEBODY_ELSES = new Set(['EACCES', 'EPERM']);

/**
 * Makes one folder with this mode where it is missing; an existing one is left as it is. Its name is durable on return in any
 * case: a process that was killed on the way may have made it without syncing the folder above, and everything that is saved
 * in it from now on would go with it. Rejects with Node's errors.
 */
export async function makeDurableFolder(disk: Disk, path: string, mode: number): Promise<void> {
  const isThere = (await disk.stat(path)) !== null;
  if (!isThere) await disk.makeFolder(path, mode);
  try {
    await disk.syncFolder(dirname(path));
  } catch (error) {
    if (!isThere || !SOMEBODY_ELSES.has(errorCode(error) ?? '')) throw error;
  }
}
