/**
 * Who may go where, by owner, group and mode (path_resolution(7)). Access control lists are not seen here: a path that only
 * such a list opens counts as closed.
 */

export interface Subject {
  /** null for a member of the groups of whom nothing else is known. */
  readonly uid: number | null;
  readonly gids: readonly number[];
}

/** A file or a folder on the way to it. */
export interface PathNode {
  readonly path: string;
  readonly uid: number;
  readonly gid: number;
  /** Permission bits, sticky bit and the like included. */
  readonly mode: number;
}

export const readBit = 4;
export const writeBit = 2;
export const enterBit = 1;

export function allows({ uid, gid, mode }: PathNode, subject: Subject, bits: number): boolean {
  if (subject.uid === 0) return true;
  return (modeFor({ uid, gid, mode }, subject) & bits) === bits;
}

/** Only the first class that fits counts, even where a later one would be allowed more. */
function modeFor({ uid, gid, mode }: Omit<PathNode, 'path'>, subject: Subject): number {
  if (subject.uid === uid) return (mode >> 6) & 7;
  return (subject.gids.includes(gid) ? mode >> 3 : mode) & 7;
}

export interface Obstacle {
  readonly node: PathNode;
  /** What it does not allow: to pass through, or what was wanted at the end. */
  readonly lacks: 'passage' | 'end';
}

/** What keeps the subject from doing `bits` with the last of the nodes, which stand in the order of the path; null = nothing. */
export function obstacleOn(nodes: readonly PathNode[], subject: Subject, bits: number): Obstacle | null {
  for (const [index, node] of nodes.entries()) {
    const isEnd = index === nodes.length - 1;
    if (!allows(node, subject, isEnd ? bits : enterBit)) return { node, lacks: isEnd ? 'end' : 'passage' };
  }
  return null;
}

/** `0750 root:adm`, by names where they are known. */
export function describeNode({ uid, gid, mode }: PathNode, names: Names): string {
  const bits = (mode & 0o7777).toString(8).padStart(4, '0');
  return `${bits} ${names.user(uid)}:${names.group(gid)}`;
}

/** What people call numbers: the name, or the number where there is none. */
export interface Names {
  user(uid: number): string;
  group(gid: number): string;
}
