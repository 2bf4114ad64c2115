import { stat } from 'node:fs/promises';
import type { Log } from '../ports/log.ts';
import type { SocketDress } from '../serve/bound-socket.ts';

/** Owner and mode of a socket that systemd has made are for its unit to say; a configuration that says otherwise is not passed over in silence. */
export async function compareDress(log: Log, path: string, wanted: SocketDress): Promise<void> {
  const found = await stat(path).catch(() => null); // somebody removed it: then nobody can connect
  const differs = found === null ? 'it is not there any more' : differencesOf(wanted, found).join(', ');
  if (differs === '') return;
  const advice = `systemctl edit tokenward.socket: [Socket] SocketMode=, SocketUser=, SocketGroup=; then systemctl restart tokenward.socket`;
  log.warn('passed-socket-differs', { path, differs, advice });
}

interface Found {
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
}

function octal(bits: number): string {
  return (bits & 0o7777).toString(8).padStart(4, '0');
}

/** What is another way than wanted, and how. Pure. */
function differencesOf({ mode, user, group }: SocketDress, found: Found): readonly string[] {
  return [
    ...((found.mode & 0o7777) === mode ? [] : [`mode ${octal(found.mode)} instead of ${octal(mode)}`]),
    ...(user === null || user === found.uid ? [] : [`owner ${found.uid} instead of ${user}`]),
    ...(group === null || group === found.gid ? [] : [`group ${found.gid} instead of ${group}`]),
  ];
}
