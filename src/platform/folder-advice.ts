import { statSync } from 'node:fs';
import { join } from 'node:path';

/** What a person types to mend a folder on this host: the end of a message about it. `uid` is who this process is. */

/** For a folder that is missing. `mode` as chmod(1) takes it. */
export function howToMake(folder: string, mode: string, uid = ownUid()): string {
  const owner = uid === 0 ? '' : ` -o ${uid}`;
  return `run: ${asRoot(uid)}install -d -m ${mode}${owner} ${folder}${untilReboot(folder)}`;
}

/** What is below /run is gone after a reboot; systemd makes it again for a unit that says so. */
export function untilReboot(folder: string): string {
  const [, name] = /^(?:\/var)?\/run\/(.+)$/.exec(folder) ?? [];
  return name === undefined ? '' : ` (in a systemd unit: RuntimeDirectory=${name})`;
}

/** For a folder that this process may not write to; `errno` is the kernel's name for why. */
export function howToOpen(folder: string, errno: string | undefined, uid = ownUid()): string {
  const own = join(folder, 'tokenward');
  if (errno !== 'EROFS' && isShared(folder))
    return `name a folder of its own, such as ${own}; ${howToMake(own, '0755', uid)}`;
  return howToGetIt(folder, `chown ${uid}`, errno, uid);
}

/** For the state folder, in which all is ours. */
export function howToOwn(folder: string, errno: string | undefined, uid = ownUid()): string {
  return howToGetIt(folder, `chown -R ${uid}`, errno, uid);
}

function howToGetIt(folder: string, command: string, errno: string | undefined, uid: number): string {
  if (errno === 'EROFS') return `mount it for writing (in a systemd unit: ReadWritePaths=${folder})`;
  if (uid === 0) return 'see to its mount and its attributes (lsattr -d)';
  return ownerOf(folder) === uid
    ? `run: chmod u+rwx ${folder}`
    : `run tokenward as the user that may, or run: ${asRoot(uid)}${command} ${folder}`;
}

/** For something that stands where ours shall. */
export function howToMoveAway(path: string): string {
  return `move it away: mv ${path} ${path}.old`;
}

/** Who may not do it, or why nobody may; for the middle of a message. */
export function whoMayNot(errno: string | undefined, uid = ownUid()): string {
  if (errno === 'EROFS') return 'the file system is read-only here';
  return uid === 0 ? 'root may not write to it' : `uid ${uid} may not write to it`;
}

/** null where this process may not even know. */
function ownerOf(folder: string): number | null {
  try {
    return statSync(folder).uid;
  } catch {
    return null; // the folder above is closed too
  }
}

function asRoot(uid: number): string {
  return uid === 0 ? '' : 'sudo ';
}

function ownUid(): number {
  return process.geteuid?.() ?? 0;
}

/** Many programs have something there: none of them gets it for itself, let alone all that is in it. */
export function isShared(folder: string): boolean {
  return /^\/[^/]*$|^\/(var|usr)\/[^/]+$|^\/run\/(lock|user)$|^\/usr\/local\/[^/]+$/.test(folder);
}
