import { constants, type Stats } from 'node:fs';
import { access, lstat, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { ErrorCode } from '../domain/errors.ts';
import { howToMake, howToMoveAway, howToOpen, howToOwn, whoMayNot } from '../platform/folder-advice.ts';
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
  const refusal = await writeRefusal(existing.path);
  if (refusal !== null) {
    const make = existing.path !== folder && refusal !== 'EROFS';
    const advice = make ? howToMake(folder, '0700') : howToOwn(existing.path, refusal);
    const what = `cannot write to ${existing.path}: ${whoMayNot(refusal)}`;
    return stateProblem('STATE_DIR_UNUSABLE', `${what}; ${advice}`);
  }
  if (existing.path !== folder && existing.path !== dirname(folder)) {
    const text = `the folder of ${folder} is missing, and is not made; ${howToMake(folder, '0700')}`;
    return stateProblem('STATE_DIR_UNUSABLE', text);
  }
  const error = await stateFileSystemError(config);
  return error === null ? [] : stateProblem(error.code, error.message);
}

function stateProblem(code: ErrorCode, message: string): Finding[] {
  return [finding('error', code, 'state_dir', message)];
}

/** The folder in which a file will be made and renamed. `what` names the file in the message, `mode` is that of a new folder. */
export async function checkFolderOf(
  file: string,
  what: string,
  code: ErrorCode,
  at: string,
  mode = '0755',
): Promise<Finding[]> {
  const folder = dirname(file);
  const report = (message: string) => [finding('error', code, at, message)];
  const stats = await lookAt(folder, stat);
  if (stats === null) return report(`the folder of ${what} ${file} is missing; ${howToMake(folder, mode)}`);
  if (!stats.isDirectory()) return report(`${folder} is not a folder; choose another path for ${what}`);
  const refusal = await writeRefusal(folder);
  if (refusal === null) return [];
  return report(
    `cannot write to ${folder}, the folder of ${what}: ${whoMayNot(refusal)}; ${howToOpen(folder, refusal)}`,
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
    : [
        finding(
          'error',
          code,
          at,
          `${path} exists and is not ${kind}; ${howToMoveAway(path)}, or choose another path`,
        ),
      ];
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

/** The kernel's name for why this process may not make files in the folder; null where it may. */
async function writeRefusal(folder: string): Promise<string | null> {
  return access(folder, constants.W_OK | constants.X_OK).then(
    () => null,
    (error: unknown) => errorCode(error) ?? 'unknown error',
  );
}

/** Whether this process may reach what is in the folder; true also where there is none yet. */
export async function isOpen(folder: string): Promise<boolean> {
  return access(folder, constants.X_OK).then(
    () => true,
    (error: unknown) => errorCode(error) === 'ENOENT',
  );
}
