import type { Users } from '../platform/users.ts';
import type { SocketDress } from '../serve/bound-socket.ts';

/** Owner and mode of a socket, as the configuration names them. */
interface DressConfig {
  readonly mode: number;
  readonly owner: string | null;
  readonly group: string | null;
}

/** Of a socket that was somebody else's, leaving the owner as it is would not be the default. */
export function explicit({ mode, user, group }: SocketDress): SocketDress {
  return { mode, user: user ?? process.geteuid?.() ?? null, group: group ?? process.getegid?.() ?? null };
}

export async function dressOf(users: Users, { mode, owner, group }: DressConfig): Promise<SocketDress> {
  return {
    mode,
    user: owner === null ? null : await users.userId(owner),
    group: group === null ? null : await users.groupId(group),
  };
}
