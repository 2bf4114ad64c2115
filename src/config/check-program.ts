import { constants } from 'node:fs';
import { access, stat } from 'node:fs/promises';
import type { ErrorCode } from '../domain/errors.ts';
import { errorCode } from '../platform/system-error.ts';
import { type Finding, finding } from './finding.ts';

/** Whether a program that is to be started is there, and may be started. */
export async function checkProgram(path: string, code: ErrorCode, at: string): Promise<readonly Finding[]> {
  const problem = await access(path, constants.X_OK).then(
    () => null,
    (error: unknown) => errorCode(error) ?? 'unknown error',
  );
  if (problem === null) return openToAll(path, code, at);
  const what =
    problem === 'ENOENT'
      ? `there is no program ${path}; correct the path`
      : `${path} cannot be run (${problem}); run: chmod +x ${path}`;
  return [finding('error', code, at, what)];
}

/** Who can write it decides what the user of the daemon does. */
async function openToAll(path: string, code: ErrorCode, at: string): Promise<readonly Finding[]> {
  const { mode } = await stat(path);
  if ((mode & 0o002) === 0) return [];
  const text = `everybody may change ${path}, which runs as the user of tokenward; run: chmod o-w ${path}`;
  return [finding('warning', code, at, text)];
}
