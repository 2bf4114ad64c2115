import { join } from 'node:path';
import { survivingContents } from './torn-file.ts';

/** The tree of `MemoryDisk`: what running programs see of it (`live`), and what a power cut leaves for sure (`durable`). */

interface Common {
  readonly inode: bigint;
  readonly mode: number;
}

/** What an fsync of a file makes durable. */
export interface Contents {
  readonly bytes: Uint8Array;
  readonly uid: number;
  readonly gid: number;
}

export interface File extends Common {
  readonly kind: 'file';
  live: Contents;
  durable: Contents;
}

export interface Folder extends Common {
  readonly kind: 'folder';
  readonly live: Map<string, Node>;
  readonly durable: Map<string, Node>;
}

export type Node = File | Folder;

export interface NameChange {
  readonly folder: Folder;
  readonly name: string;
  readonly node: Node | null;
}

/** What arrives together or not at all: a rename is two changes. */
export type NameStep = readonly NameChange[];

export function folderNode(inode: bigint, mode: number): Folder {
  return { kind: 'folder', inode, mode, live: new Map(), durable: new Map() };
}

export function fileNode(inode: bigint, mode: number, bytes: Uint8Array = new Uint8Array()): File {
  const contents = { bytes, uid: 0, gid: 0 };
  return { kind: 'file', inode, mode, live: contents, durable: contents };
}

export function setName(names: Map<string, Node>, { name, node }: NameChange): void {
  if (node === null) names.delete(name);
  else names.set(name, node);
}

/**
 * A copy of the tree with the names that are durable and those that `arrived`. `contentsOf` says what is left of each file;
 * one with two names is asked for once.
 */
export function copyOf(
  root: Folder,
  arrived: readonly NameChange[],
  contentsOf: (file: File) => Contents,
): Folder {
  const copies = new Map<Node, Node>();
  const copy = (node: Node): Node => {
    const known = copies.get(node);
    if (known !== undefined) return known;
    const made = node.kind === 'file' ? copyFile(node) : copyFolder(node);
    copies.set(node, made);
    return made;
  };
  const copyFile = (file: File): File => {
    const contents = contentsOf(file);
    return { ...file, live: contents, durable: contents };
  };
  const copyFolder = (folder: Folder): Folder => {
    const names = new Map(folder.durable);
    for (const change of arrived) if (change.folder === folder) setName(names, change);
    const copied = Array.from(names, ([name, node]): [string, Node] => [name, copy(node)]);
    return { ...folder, live: new Map(copied), durable: new Map(copied) };
  };
  return copyFolder(root);
}

/** Of what was not synced, the cut may have caught all, nothing or a part. */
export function survivingFile(file: File, choose: (options: number) => number): Contents {
  const { live, durable } = file;
  const bytes = survivingContents(durable.bytes, live.bytes, choose);
  const sameOwner = live.uid === durable.uid && live.gid === durable.gid;
  const { uid, gid } = sameOwner || choose(2) === 0 ? durable : live;
  return { bytes, uid, gid };
}

export function* filesBelow(path: string, folder: Folder): Generator<[string, Uint8Array]> {
  for (const [name, node] of folder.live) {
    if (node.kind === 'folder') yield* filesBelow(join(path, name), node);
    else yield [join(path, name), node.live.bytes];
  }
}

export function findNode(root: Folder, path: string): Node | undefined {
  let node: Node | undefined = root;
  for (const name of path.split('/').filter((part) => part !== '')) {
    if (node?.kind !== 'folder') return undefined;
    node = node.live.get(name);
  }
  return node;
}

/** In the shape of Node's own errors. */
export function diskError(code: string, path: string): Error {
  return Object.assign(new Error(`${code}: ${path}`), { code, path });
}
