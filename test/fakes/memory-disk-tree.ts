import { join } from 'node:path';

/** The tree of `MemoryDisk`: what running programs see of it (`live`), and what a power cut leaves for sure (`durable`). */

interface Owned {
  readonly inode: bigint;
  readonly mode: number;
  uid: number;
  gid: number;
}

export interface File extends Owned {
  readonly kind: 'file';
  live: Uint8Array;
  durable: Uint8Array;
}

export interface Folder extends Owned {
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
  return { kind: 'folder', inode, mode, uid: 0, gid: 0, live: new Map(), durable: new Map() };
}

export function setName(names: Map<string, Node>, { name, node }: NameChange): void {
  if (node === null) names.delete(name);
  else names.set(name, node);
}

export function surviving(
  folder: Folder,
  arrived: readonly NameChange[],
  choose: (options: number) => number,
): Folder {
  const names = new Map(folder.durable);
  for (const change of arrived) if (change.folder === folder) setName(names, change);
  const copies = Array.from(names, ([name, node]): [string, Node] => [
    name,
    node.kind === 'folder' ? surviving(node, arrived, choose) : survivingFile(node, choose),
  ]);
  return { ...folder, live: new Map(copies), durable: new Map(copies) };
}

/** Of what was not synced, the cut may have caught all, nothing or a part. */
function survivingFile(file: File, choose: (options: number) => number): File {
  if (file.live === file.durable) return { ...file };
  const contents =
    [file.durable, file.live, file.live.subarray(0, file.live.length / 2)][choose(3)] ?? file.durable;
  return { ...file, live: contents, durable: contents };
}

export function* filesBelow(path: string, folder: Folder): Generator<[string, Uint8Array]> {
  for (const [name, node] of folder.live) {
    if (node.kind === 'folder') yield* filesBelow(join(path, name), node);
    else yield [join(path, name), node.live];
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
