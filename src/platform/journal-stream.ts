import { fstatSync } from 'node:fs';
import type { LogLevel } from '../domain/log-events.ts';

/**
 * The way to systemd's journal. It takes the priority of a line from a `<N>` at its beginning (sd-daemon(3)), and leaves that
 * out of the text.
 */
export const journalPrefixes = {
  error: '<3>',
  warn: '<4>',
  info: '<6>',
  debug: '<7>',
} as const satisfies Record<LogLevel, string>;

/**
 * Whether the descriptor is this process's connection to the journal. systemd tells its device and inode in `JOURNAL_STREAM`
 * (systemd.exec(5)); a process that inherited the variable, but not the connection, must not write for the journal.
 */
export function isJournal(fd: number, env: NodeJS.ProcessEnv): boolean {
  const told = env['JOURNAL_STREAM'];
  if (told === undefined) return false;
  try {
    const { dev, ino } = fstatSync(fd, { bigint: true });
    return told === `${dev}:${ino}`;
  } catch {
    return false; // the descriptor is closed
  }
}
