import { basename, dirname } from 'node:path';
import type { Disk, DiskFile, DiskStat } from '../../src/ports/disk.ts';
import {
  copyOf,
  diskError,
  fileNode,
  filesBelow,
  findNode,
  folderNode,
  setName,
  survivingFile,
  type Contents,
  type File,
  type Folder,
  type NameStep,
} from './memory-disk-tree.ts';

/**
 * A disk in memory that knows what a power cut may take: contents and owners that were not synced (`torn-file.ts`), and names
 * (creations, renames, links, removals) whose folder was not. It records every step, and fails those that a test chooses. Users and permissions are
 * kept but not enforced; there are no symbolic links.
 */
export class MemoryDisk implements Disk {
  /** Every step so far, those that failed too. */
  readonly operations: DiskOperation[] = [];
  /** Asked before each step (`index` counts from 0): an errno name makes it fail. A write that fails with ENOSPC leaves half. */
  fault: (operation: DiskOperation, index: number) => string | null = () => null;

  readonly #root: Folder;
  #nextInode = 2n;
  /** Name changes that are not durable yet, oldest first. */
  #unsynced: NameStep[] = [];

  constructor(root = folderNode(1n, 0o755)) {
    this.#root = root;
  }

  /** Makes the step with this index fail, and no other. */
  failAt(index: number, code: string): void {
    this.fault = (_operation, at) => (at === index ? code : null);
  }

  /** Puts a file there, with its folders, all durable: what was on the disk before the test begins. */
  seed(path: string, contents: Uint8Array | string = '', mode = 0o600): void {
    const file = fileNode(this.#nextInode++, mode, Buffer.from(contents));
    const folder = this.seedFolder(dirname(path));
    folder.live.set(basename(path), file);
    folder.durable.set(basename(path), file);
  }

  seedFolder(path: string, mode = 0o700): Folder {
    if (path === '/') return this.#root;
    const known = findNode(this.#root, path);
    if (known?.kind === 'folder') return known;
    const parent = this.seedFolder(dirname(path), mode);
    const made = folderNode(this.#nextInode++, mode);
    parent.live.set(basename(path), made);
    parent.durable.set(basename(path), made);
    return made;
  }

  /** Path and contents of every file, as running programs see them. */
  files(): ReadonlyMap<string, Uint8Array> {
    return new Map(filesBelow('/', this.#root));
  }

  /**
   * The disk as a power cut now may leave it. `choose(n)` picks 0..n-1 at each thing that is not decided: whether a name
   * change arrived, and which contents a file has that was not synced. Always 0 = everything unsynced is lost.
   */
  crash(choose: (options: number) => number): MemoryDisk {
    const arrived = this.#unsynced.filter(() => choose(2) === 1);
    return this.#copy(arrived, (file) => survivingFile(file, choose));
  }

  /** A disk of its own with everything that running programs see now, all of it durable. */
  copy(): MemoryDisk {
    return this.#copy(this.#unsynced, (file) => file.live);
  }

  #copy(arrived: readonly NameStep[], contentsOf: (file: File) => Contents): MemoryDisk {
    const disk = new MemoryDisk(copyOf(this.#root, arrived.flat(), contentsOf));
    disk.#nextInode = this.#nextInode;
    return disk;
  }

  async read(path: string): Promise<Uint8Array | null> {
    this.#step(['read', path]);
    const node = findNode(this.#root, path);
    if (node?.kind === 'folder') throw diskError('EISDIR', path);
    return node === undefined ? null : Uint8Array.from(node.live.bytes);
  }

  async list(folder: string): Promise<readonly string[] | null> {
    this.#step(['list', folder]);
    const node = findNode(this.#root, folder);
    return node?.kind === 'folder' ? [...node.live.keys()].toSorted() : null;
  }

  async stat(path: string): Promise<DiskStat | null> {
    this.#step(['stat', path]);
    const node = findNode(this.#root, path);
    if (node === undefined) return null;
    const { kind, mode, inode } = node;
    const { uid, gid } = node.kind === 'file' ? node.live : { uid: 0, gid: 0 };
    return { kind, mode, uid, gid, inode, device: 1n };
  }

  async makeFolder(path: string, mode: number): Promise<void> {
    this.#step(['make-folder', path]);
    const known = findNode(this.#root, path);
    if (known?.kind === 'folder') return;
    if (known !== undefined) throw diskError('EEXIST', path);
    this.#apply([
      { folder: this.#parent(path), name: basename(path), node: folderNode(this.#nextInode++, mode) },
    ]);
  }

  async create(path: string, mode: number): Promise<DiskFile> {
    this.#step(['create', path]);
    const folder = this.#parent(path);
    if (folder.live.has(basename(path))) throw diskError('EEXIST', path);
    const file = fileNode(this.#nextInode++, mode);
    this.#apply([{ folder, name: basename(path), node: file }]);
    return this.#opened(path, file);
  }

  async rename(from: string, to: string): Promise<void> {
    this.#step(['rename', from, to]);
    const node = findNode(this.#root, from);
    if (node === undefined) throw diskError('ENOENT', from);
    if (node.kind === 'file' && findNode(this.#root, to)?.kind === 'folder') throw diskError('EISDIR', to);
    this.#apply([
      { folder: this.#parent(from), name: basename(from), node: null },
      { folder: this.#parent(to), name: basename(to), node },
    ]);
  }

  async link(from: string, to: string): Promise<void> {
    this.#step(['link', from, to]);
    const node = findNode(this.#root, from);
    if (node === undefined) throw diskError('ENOENT', from);
    if (node.kind === 'folder') throw diskError('EPERM', from);
    const folder = this.#parent(to);
    if (folder.live.has(basename(to))) throw diskError('EEXIST', to);
    this.#apply([{ folder, name: basename(to), node }]);
  }

  async remove(path: string): Promise<void> {
    this.#step(['remove', path]);
    const node = findNode(this.#root, path);
    if (node?.kind === 'folder') throw diskError('EISDIR', path);
    if (node !== undefined) this.#apply([{ folder: this.#parent(path), name: basename(path), node: null }]);
  }

  async syncFolder(path: string): Promise<void> {
    this.#step(['sync-folder', path]);
    const folder = findNode(this.#root, path);
    if (folder === undefined) throw diskError('ENOENT', path);
    if (folder.kind === 'file') throw diskError('ENOTDIR', path);
    const isOf = (step: NameStep): boolean => step.some((change) => change.folder === folder);
    for (const change of this.#unsynced.filter(isOf).flat()) setName(change.folder.durable, change);
    this.#unsynced = this.#unsynced.filter((step) => !isOf(step));
  }

  #opened(path: string, file: File): DiskFile {
    const append = (bytes: Uint8Array): void => {
      file.live = { ...file.live, bytes: Buffer.concat([file.live.bytes, bytes]) };
    };
    return {
      write: async (bytes) => {
        this.#step(['write', path], () => append(bytes.subarray(0, bytes.length / 2)));
        append(bytes);
      },
      setOwner: async (uid, gid) => {
        this.#step(['set-owner', path]);
        // -1 leaves that half as it is (chown(2))
        const { live } = file;
        file.live = { ...live, uid: uid === -1 ? live.uid : uid, gid: gid === -1 ? live.gid : gid };
      },
      sync: async () => {
        this.#step(['sync', path]);
        file.durable = file.live;
      },
      close: async () => this.#step(['close', path]),
    };
  }

  #step(operation: DiskOperation, beforeNoSpace = (): void => {}): void {
    const code = this.fault(operation, this.operations.push(operation) - 1);
    if (code === null) return;
    if (code === 'ENOSPC') beforeNoSpace();
    throw diskError(code, operation.slice(1).join(' -> '));
  }

  #apply(step: NameStep): void {
    for (const change of step) setName(change.folder.live, change);
    this.#unsynced.push(step);
  }

  #parent(path: string): Folder {
    const parent = findNode(this.#root, dirname(path));
    if (parent?.kind === 'folder') return parent;
    throw diskError(parent === undefined ? 'ENOENT' : 'ENOTDIR', path);
  }
}

export type DiskStep =
  | 'read'
  | 'list'
  | 'stat'
  | 'make-folder'
  | 'create'
  | 'write'
  | 'set-owner'
  | 'sync'
  | 'close'
  | 'rename'
  | 'link'
  | 'remove'
  | 'sync-folder';

/** One step of disk work with the paths it touches. */
export type DiskOperation = readonly [step: DiskStep, ...paths: string[]];
