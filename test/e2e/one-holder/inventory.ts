import { readdir, readFile, readlink, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'vitest';
import { eventually } from '../../support/eventually.ts';

/** Everything in a folder, with what a write would change. */
export async function inventory(folder: string): Promise<Readonly<Record<string, string>>> {
  const paths = await readdir(folder, { recursive: true });
  const entries = paths.toSorted().map(async (path) => {
    const { ino, size, mtimeMs, ctimeMs } = await stat(join(folder, path));
    return [path, `${ino} ${size} ${mtimeMs} ${ctimeMs}`] as const;
  });
  return Object.fromEntries(await Promise.all(entries));
}

/** The same once a rotation has left nothing to clear away: from then on its daemon has no reason to write. */
export async function inventoryAtRest(folder: string): Promise<Readonly<Record<string, string>>> {
  return eventually(
    async () => {
      const found = await inventory(folder);
      expect(Object.keys(found).filter((path) => /\/(raw-|candidate|\.)[^/]*$/.test(path))).toEqual([]);
      return found;
    },
    { withinMs: 20_000 },
  );
}

/** How many sockets a process listens at, of whatever kind (proc(5)). */
export async function listenersOf(pid: number): Promise<number> {
  const listening = await listeningSockets();
  return (await openFilesOf(pid)).filter((target) => listening.has(target)).length;
}

/** What the open files of a process lead to: paths, and names such as `socket:[4711]`. */
export async function openFilesOf(pid: number): Promise<readonly string[]> {
  const folder = `/proc/${pid}/fd`;
  const targets = (await readdir(folder)).map((fd) =>
    // closed while it was looked at
    readlink(join(folder, fd)).catch(() => ''),
  );
  return Promise.all(targets);
}

/** State and inode of a socket are in columns of their own in each table; these say that it listens. */
const tables = [
  { path: '/proc/net/unix', state: 3, listens: '00010000', inode: 6 },
  { path: '/proc/net/tcp', state: 3, listens: '0A', inode: 9 },
  { path: '/proc/net/tcp6', state: 3, listens: '0A', inode: 9 },
] as const;

async function listeningSockets(): Promise<ReadonlySet<string>> {
  const found = new Set<string>();
  for (const { path, state, listens, inode } of tables) {
    for (const line of (await readFile(path, 'utf8')).split('\n')) {
      const columns = line.trim().split(/\s+/);
      if (columns[state] === listens) found.add(`socket:[${columns[inode] ?? ''}]`);
    }
  }
  return found;
}
