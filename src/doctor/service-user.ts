import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Config } from '../config/config.ts';
import { groupsOfUser } from '../platform/user-groups.ts';

/**
 * Which user the daemon runs as: of the running one the kernel tells, else the state folder's owner tells. The locks are
 * only looked at (`/proc/locks`), never taken: an agent whose lock somebody else has for a moment would not start.
 */
export interface ServiceUser {
  readonly uid: number;
  /** With the primary group; as far as they are known. */
  readonly gids: readonly number[];
  readonly known: 'by the running daemon' | 'by the owner of state_dir' | 'as the user that asks';
  /** Of the running daemon; null where none holds an agent of this state folder, as far as we can see. */
  readonly pid: number | null;
}

export interface ServiceUserSources {
  /** `/proc` of this host. */
  readonly proc: string;
  /** Who asks. */
  readonly self: { readonly uid: number; readonly gids: readonly number[] };
}

export async function findServiceUser(
  { stateDir, agents }: Pick<Config, 'stateDir' | 'agents'>,
  { proc, self }: ServiceUserSources,
): Promise<ServiceUser> {
  for (const { name } of agents) {
    const pid = await holderOf(join(stateDir, 'agents', name, 'lock'), proc);
    const user = pid === null ? null : await userOfProcess(pid, proc);
    if (user !== null) return { ...user, known: 'by the running daemon', pid };
  }
  const found = await stat(stateDir).catch(() => null); // not made yet, or not for us to see
  if (found === null) return { ...self, known: 'as the user that asks', pid: null };
  const gids = found.uid === self.uid ? self.gids : await groupsOfUser(String(found.uid));
  return { uid: found.uid, gids: gids ?? [found.gid], known: 'by the owner of state_dir', pid: null };
}

/** The process that has the lock, where it is the one that wrote its number there: numbers are used again. */
async function holderOf(lock: string, proc: string): Promise<number | null> {
  try {
    const pid = Number((await readFile(lock, 'latin1')).trim());
    const { ino } = await stat(lock);
    const locks = await readFile(join(proc, 'locks'), 'latin1');
    return isHeld(locks, pid, ino) ? pid : null;
  } catch {
    return null; // no lock file, or none that we may read
  }
}

/** Lines such as `1: FLOCK  ADVISORY  WRITE 708 fe:00:394 0 EOF` (proc_locks(5)). */
export function isHeld(locks: string, pid: number, inode: number): boolean {
  return locks.split('\n').some((line) => {
    const [, kind, , , holder, file = ''] = line.split(/\s+/);
    return kind === 'FLOCK' && Number(holder) === pid && file.endsWith(`:${inode}`);
  });
}

async function userOfProcess(pid: number, proc: string) {
  const status = await readFile(join(proc, String(pid), 'status'), 'latin1').catch(() => '');
  const numbers = (name: string) =>
    (new RegExp(`^${name}:\\s*(.*)$`, 'm').exec(status)?.[1] ?? '').split(/\s+/).filter(Boolean).map(Number);
  // real, effective, saved, and the one for files (proc_pid_status(5))
  const [, uid] = numbers('Uid');
  const [, gid = 0] = numbers('Gid');
  return uid === undefined ? null : { uid, gids: [gid, ...numbers('Groups')] };
}
