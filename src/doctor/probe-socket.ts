import type { UnixListenerConfig } from '../config/config.ts';
import { groupsOfUser } from '../platform/user-groups.ts';
import type { Users } from '../platform/users.ts';
import type { Allowed, SocketFacts } from './judge-sockets.ts';
import { wayTo, wayToFolderOf } from './probe-paths.ts';
import type { ServiceUser } from './service-user.ts';

/** The way to a socket; where it is not there yet, with what the daemon will make of it. */
export async function probeSocket(
  listener: UnixListenerConfig,
  at: string,
  service: ServiceUser,
  users: Users,
): Promise<SocketFacts> {
  const { path, mode, owner, group } = listener;
  const [whole, folder] = await Promise.all([wayTo(path), wayToFolderOf(path)]);
  const made = {
    path,
    uid: owner === null ? service.uid : await users.userId(owner),
    gid: group === null ? (service.gids[0] ?? 0) : await users.groupId(group),
    mode,
  };
  return {
    path,
    at,
    folders: folder.nodes,
    isWhole: folder.exists && !whole.hidden,
    socket: (whole.exists ? whole.nodes.at(-1) : undefined) ?? made,
    exists: whole.exists,
  };
}

/** Rejects `CONFIG_INVALID` for a name that this host does not know. */
export async function allowedBy(
  { kind, account }: UnixListenerConfig['allow'][number],
  users: Users,
): Promise<Allowed> {
  if (kind === 'group')
    return { kind, account, subject: { uid: null, gids: [await users.groupId(account)] } };
  const uid = await users.userId(account);
  return { kind, account, subject: { uid, gids: (await groupsOfUser(account)) ?? [] } };
}
