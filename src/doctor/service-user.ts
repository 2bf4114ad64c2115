import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Config } from '../config/config.ts';
import { lockHolder } from '../platform/lock-holder.ts';
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
    const { status, pid } = await lockHolder(join(stateDir, 'agents', name, 'lock'), join(proc, 'locks'));
    const user = status === 'held' && pid !== null ? await userOfProcess(pid, proc) : null;
    if (user !== null) return { ...user, known: 'by the running daemon', pid };
  }
  const found = await stat(stateDir).catch(() => null); // not made yet, or not for us to see
  if (found === null) return { ...self, known: 'as the user that asks', pid: null };
  const gids = found.uid === self.uid ? self.gids : await groupsOfUser(String(found.uid));
  return { uid: found.uid, gids: gids ?? [found.gid], known: 'by the owner of state_dir', pid: null };
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
