import type { Names } from '../../../src/doctor/access.ts';
import type { Line } from '../../../src/doctor/line.ts';
import type { ServiceUser } from '../../../src/doctor/service-user.ts';

/** `failing server-tls: DETAIL → MEND (CODE)`: all of a line that counts, as one text. */
export function told({ id, status, detail, mend, code }: Line): string {
  const end = `${mend === null ? '' : ` → ${mend}`}${code === null ? '' : ` (${code})`}`;
  return `${status} ${id}: ${detail}${end}`;
}

const users = new Map([
  [0, 'root'],
  [990, 'tokenward'],
  [1000, 'fluent'],
]);
const groups = new Map([
  [0, 'root'],
  [4, 'adm'],
  [990, 'tokenward'],
]);

export const names: Names = {
  user: (uid) => users.get(uid) ?? String(uid),
  group: (gid) => groups.get(gid) ?? String(gid),
};

/** The daemon's user: tokenward, in the group adm. */
export const service: ServiceUser = {
  uid: 990,
  gids: [990, 4],
  known: 'by the owner of state_dir',
  pid: null,
};

export function node(path: string, mode: number, uid = 0, gid = 0) {
  return { path, mode, uid, gid };
}
