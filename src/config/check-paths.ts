import { constants, type Stats } from 'node:fs';
import { access, lstat, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { ErrorCode } from '../domain/errors.ts';
import { errorCode } from '../platform/system-error.ts';
import type { Config } from './config.ts';
import { type Finding, finding } from './finding.ts';
import { stateFileSystemError } from './state-file-system.ts';

/** Whether what is configured can be made where it shall stand. Nothing is made or changed by looking. */

export async function checkStateDir(config: Config): Promise<Finding[]> {
  const folder = config.stateDir;
  const existing = await nearestExisting(folder);
  if (!existing.stats.isDirectory())
    return stateProblem('STATE_DIR_UNUSABLE', `${existing.path} is not a folder; choose another state_dir`);
  if (!(await isWritable(existing.path))) {
    const advice =
      existing.path === folder
        ? 'let the user that runs tokenward write to it'
        : `create ${folder} for the user that runs tokenward`;
    return stateProblem('STATE_DIR_UNUSABLE', `cannot write to ${existing.path}; ${advice}`);
  }
  if (existing.path !== folder && existing.path !== dirname(folder)) {
    const text = `the folder of ${folder} is missing, and is not made; run: install -d -m 0700 ${folder}`;
    return stateProblem('STATE_DIR_UNUSABLE', text);
  }
  const error = await stateFileSystemError(config);
  return error === null ? [] : stateProblem(error.code, error.message);
}

function stateProblem(code: ErrorCode, message: string): Finding[] {
  return [finding('error', code, 'state_dir', message)];
}

/** The folder in which a file will be made and renamed. `what` names the file in the message. */
export async function checkFolderOf(
  file: string,
  what: string,
  code: ErrorCode,
  at: string,
): Promise<Finding[]> {
  const folder = dirname(file);
  const report = (message: string) => [finding('error', code, at, message)];
  const stats = await lookAt(folder, stat);
  if (stats === null)
    return report(`the folder of ${what} ${file} is missing; run: mkdir -p -m 0755 ${folder}`);
  if (!stats.isDirectory()) return report(`${folder} is not a folder; choose another path for ${what}`);
  if (await isWritable(folder)) return [];
  return report(
    `cannot write to ${folder}, the folder of ${what}; let the user that runs tokenward write to it`,
  );
}

/** Something else in the place of a file that will be replaced would be lost, or would lead elsewhere. */
export async function checkKind(
  path: string,
  kind: 'a file' | 'a socket',
  code: ErrorCode,
  at: string,
): Promise<Finding[]> {
  const stats = await lookAt(path, lstat);
  const isFree = stats === null || (kind === 'a file' ? stats.isFile() : stats.isSocket());
  return isFree
    ? []
    : [finding('error', code, at, `${path} exists and is not ${kind}; move it away or choose another path`)];
}

async function nearestExisting(path: string): Promise<{ readonly path: string; readonly stats: Stats }> {
  const stats = await lookAt(path, stat);
  return stats === null ? nearestExisting(dirname(path)) : { path, stats };
}

/** null where nothing is at the path, as far as this user can see. */
async function lookAt(path: string, look: (path: string) => Promise<Stats>): Promise<Stats | null> {
  try {
    return await look(path);
  } catch (error) {
    if (['ENOENT', 'ENOTDIR', 'EACCES', 'ELOOP', 'ENAMETOOLONG'].includes(errorCode(error) ?? ''))
      return null;
    throw error;
  }
}

async function isWritable(folder: string): Promise<boolean> {
  return access(folder, constants.W_OK | constants.X_OK).then(
    () => true,
    () => false, // why not (permission, read-only) makes no difference to what can be done about it
  );
}
