import type { Stats } from 'node:fs';
import { lstat, readdir, realpath } from 'node:fs/promises';
import { dirname, join, sep } from 'node:path';
import { errorCode } from '../platform/system-error.ts';
import type { PathNode } from './access.ts';

/** The way to a path as it really is, symbolic links resolved. */
export interface WayTo {
  readonly path: string;
  /** From the root folder to the last one that exists and that we may look at. */
  readonly nodes: readonly PathNode[];
  /** Whether the last node is the path itself. */
  readonly exists: boolean;
  /** Whether a folder hides the rest from us. */
  readonly hidden: boolean;
}

export async function wayTo(path: string): Promise<WayTo> {
  const existing = await nearestExisting(path);
  const nodes: PathNode[] = [];
  for (const each of stepsTo(await realpath(existing))) {
    const found = await look(each);
    if (found !== null) nodes.push(nodeOf(each, found));
  }
  return { path, nodes, exists: existing === path, hidden: (await whyMissing(path)) === 'EACCES' };
}

/** The path itself, or the nearest of the folders above it that exists as far as we can see. */
export async function nearestExisting(path: string): Promise<string> {
  return (await whyMissing(path)) === null || path === dirname(path) ? path : nearestExisting(dirname(path));
}

function stepsTo(path: string): readonly string[] {
  const parts = path.split(sep).filter((part) => part !== '');
  return ['/', ...parts.map((_, index) => `/${parts.slice(0, index + 1).join('/')}`)];
}

async function look(path: string): Promise<Stats | null> {
  try {
    return await lstat(path);
  } catch {
    return null; // it went away meanwhile
  }
}

async function whyMissing(path: string): Promise<string | null> {
  try {
    await realpath(path);
    return null;
  } catch (error) {
    return errorCode(error) ?? null;
  }
}

function nodeOf(path: string, { uid, gid, mode }: Stats): PathNode {
  return { path, uid, gid, mode: mode & 0o7777 };
}

/** State is no deeper: agents/AGENT/set-aside-TIME/FILE. Some other folder, named by mistake, may be the whole disk. */
const deepest = 4;

/** A file or folder of the state, and everything in it that we may see. */
export async function everythingIn(folder: string, depth = 0): Promise<readonly PathNode[]> {
  const found = await look(folder);
  if (found === null) return [];
  const own = nodeOf(folder, found);
  if (!found.isDirectory() || depth === deepest) return [own];
  const names = await readdir(folder).catch(() => [] as string[]); // closed to us: its own entry is all there is
  const inside = await Promise.all(
    names.toSorted().map((name) => everythingIn(join(folder, name), depth + 1)),
  );
  return [own, ...inside.flat()];
}

/** The way to the folder in which a file is, or will be. */
export function wayToFolderOf(path: string): Promise<WayTo> {
  return wayTo(dirname(path));
}
