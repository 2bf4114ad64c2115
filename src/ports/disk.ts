/**
 * All disk work of the program, in the steps between which a crash can fall. Nothing is durable but what was synced: file
 * contents by {@link DiskFile.sync}, names (creation, rename, link, removal) by {@link Disk.syncFolder}. Tests record these steps,
 * cut after each, and lose what was not synced. Failures reject with Node's own errors (`code` ENOSPC, EACCES, EROFS, …).
 */
export interface Disk {
  /** The whole file, or null where no file is at the path. */
  read(path: string): Promise<Uint8Array | null>;
  /** Names in a folder, sorted; null where the folder is absent. */
  list(folder: string): Promise<readonly string[] | null>;
  stat(path: string): Promise<DiskStat | null>;
  /** Creates one folder with exactly `mode`, whatever the umask; an existing one is left as it is. */
  makeFolder(path: string, mode: number): Promise<void>;
  /** Opens a new file for writing (O_CREAT|O_EXCL|O_NOFOLLOW) with exactly `mode`, whatever the umask. Rejects EEXIST. */
  create(path: string, mode: number): Promise<DiskFile>;
  rename(from: string, to: string): Promise<void>;
  /** Gives a file a second name (link(2)), all at once. Rejects EEXIST where something is at `to`: unlike a rename it never replaces. */
  link(from: string, to: string): Promise<void>;
  /** Removes a file; an absent one is no error. */
  remove(path: string): Promise<void>;
  /** Makes creations, renames, links and removals in the folder durable. */
  syncFolder(path: string): Promise<void>;
}

/** A file just created, open for writing. */
export interface DiskFile {
  write(bytes: Uint8Array): Promise<void>;
  setOwner(uid: number, gid: number): Promise<void>;
  sync(): Promise<void>;
  close(): Promise<void>;
}

/** What is at a path; a symbolic link is not followed. */
export interface DiskStat {
  readonly kind: 'file' | 'folder' | 'symlink' | 'socket' | 'other';
  /** Permission bits only, 0..0o7777. */
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  readonly inode: bigint;
  readonly device: bigint;
}
