import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Config } from '../config/config.ts';
import { stateFileSystemError } from '../config/state-file-system.ts';
import { TokenwardError } from '../domain/errors.ts';
import { makeDurableFolder } from '../platform/durable-folder.ts';
import { howToMake, howToOwn, whoMayNot } from '../platform/folder-advice.ts';
import { systemDisk } from '../platform/system-disk.ts';
import { errorCode } from '../platform/system-error.ts';
import type { Disk } from '../ports/disk.ts';

/** The state folder and those in it, made where they are missing; nobody else's business, sealed or not. */

/** Rejects `STATE_DIR_UNUSABLE`, `STATE_DIR_EPHEMERAL` and `STATE_DIR_NETWORK`. */
export async function prepareStateDir(config: Config): Promise<void> {
  const { stateDir } = config;
  await makeStateFolder(systemDisk, stateDir);
  const unfit = await stateFileSystemError(config);
  if (unfit !== null) throw unfit;
  await makeStateFolder(systemDisk, stateDir, join(stateDir, 'agents'));
}

/** `path` is the state folder itself, or one in it. Rejects `STATE_DIR_UNUSABLE`. */
export async function makeStateFolder(disk: Disk, stateDir: string, path = stateDir): Promise<void> {
  try {
    await makeDurableFolder(disk, path, 0o700);
  } catch (cause) {
    const message = `the state folder ${stateDir} ${flaw(stateDir, errorCode(cause) ?? 'unknown error')}`;
    throw new TokenwardError('STATE_DIR_UNUSABLE', message, { cause, fields: { path } });
  }
}

function flaw(stateDir: string, errno: string): string {
  if (errno === 'ENOTDIR')
    return 'is not a folder, or lies in something that is none; choose another state_dir';
  const isThere = existsSync(stateDir);
  const above = dirname(stateDir);
  if (errno === 'ENOENT' && !isThere)
    return `cannot be made, because ${above} is missing; ${howToMake(stateDir, '0700')}`;
  if (!['EACCES', 'EPERM', 'EROFS'].includes(errno))
    return `cannot be used (${errno}); look at its disk, or choose another state_dir`;
  if (isThere) return `cannot be used: ${whoMayNot(errno)}; ${howToOwn(stateDir, errno)}`;
  const advice = errno === 'EROFS' ? howToOwn(above, errno) : howToMake(stateDir, '0700');
  return `cannot be made in ${above}: ${whoMayNot(errno)}; ${advice}`;
}
