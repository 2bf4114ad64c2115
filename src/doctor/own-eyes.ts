import type { Finding } from '../config/finding.ts';
import type { ErrorCode } from '../domain/errors.ts';

const aboutFiles: readonly ErrorCode[] = [
  'STATE_DIR_UNUSABLE',
  'KEY_FILE_UNUSABLE',
  'OUTPUT_UNUSABLE',
  'SOCKET_UNUSABLE',
  'SECRET_FILE_UNUSABLE',
];

/**
 * What `tokenward check` finds is what the user who runs it may do. Where that is neither root nor the daemon's user, it says
 * nothing of the daemon's files, whose permissions are judged by their modes.
 */
export function findingsThatCount(findings: readonly Finding[], seesAll: boolean): readonly Finding[] {
  if (seesAll) return findings;
  return findings.filter(({ code, message }) => !aboutFiles.includes(code) && !message.includes('(EACCES)'));
}
