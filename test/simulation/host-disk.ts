import type { Clock } from '../../src/ports/clock.ts';
import type { Disk, DiskFile } from '../../src/ports/disk.ts';
import { diskError } from '../fakes/memory-disk-tree.ts';
import type { DiskStep, MemoryDisk } from '../fakes/memory-disk.ts';
import type { SeededRandom } from '../fakes/seeded-random.ts';

/**
 * - `full`: no byte can be written.
 * - `nearly-full`: `roomBytes` can be written to one file, and no more.
 * - `read-only`: nothing can be changed.
 * - `failing`: some changes fail.
 * - `slow`: every change takes its time, so that everything else can come in between.
 */
export type DiskTrouble =
  | { readonly kind: 'full' | 'read-only' | 'failing' }
  | { readonly kind: 'nearly-full'; readonly roomBytes: number }
  | { readonly kind: 'slow'; readonly longestMs: number };

export interface HostDiskOptions {
  readonly media: MemoryDisk;
  readonly clock: Clock;
  readonly random: SeededRandom;
  /** The trouble that the disk has just now. */
  readonly trouble: () => DiskTrouble | null;
  /** Whether the process still runs: what a dead one waits for never comes. */
  readonly alive: () => boolean;
  /** Called after each step that changed the disk, or made a change durable. */
  readonly changed: (step: DiskStep, path: string) => void;
}

/** A host's disk, with its troubles, as one process sees it. */
export class HostDisk implements Disk {
  readonly #options: HostDiskOptions;
  readonly #media: MemoryDisk;

  constructor(options: HostDiskOptions) {
    this.#options = options;
    this.#media = options.media;
  }

  read(path: string): Promise<Uint8Array | null> {
    return this.#media.read(path);
  }

  list(folder: string): ReturnType<Disk['list']> {
    return this.#media.list(folder);
  }

  stat(path: string): ReturnType<Disk['stat']> {
    return this.#media.stat(path);
  }

  makeFolder(path: string, mode: number): Promise<void> {
    return this.#change('make-folder', path, () => this.#media.makeFolder(path, mode));
  }

  async create(path: string, mode: number): Promise<DiskFile> {
    const file = await this.#change('create', path, () => this.#media.create(path, mode));
    return {
      write: (bytes) => this.#change('write', path, () => this.#write(file, path, bytes)),
      setOwner: (uid, gid) => this.#change('set-owner', path, () => file.setOwner(uid, gid)),
      sync: () => this.#change('sync', path, () => file.sync()),
      close: () => file.close(),
    };
  }

  rename(from: string, to: string): Promise<void> {
    return this.#change('rename', to, () => this.#media.rename(from, to));
  }

  link(from: string, to: string): Promise<void> {
    return this.#change('link', to, () => this.#media.link(from, to));
  }

  remove(path: string): Promise<void> {
    return this.#change('remove', path, () => this.#media.remove(path));
  }

  syncFolder(path: string): Promise<void> {
    return this.#change('sync-folder', path, () => this.#media.syncFolder(path));
  }

  async #write(file: DiskFile, path: string, bytes: Uint8Array): Promise<void> {
    const room = roomOf(this.#options.trouble());
    if (bytes.length <= room) return file.write(bytes);
    await file.write(bytes.subarray(0, Math.min(room, bytes.length / 2)));
    throw diskError('ENOSPC', path);
  }

  async #change<Value>(step: DiskStep, path: string, work: () => Promise<Value>): Promise<Value> {
    const { clock, random, trouble, alive, changed } = this.#options;
    const now = trouble();
    if (now?.kind === 'slow') {
      await new Promise<void>((resolve) => {
        clock.after(random.below(now.longestMs), () => alive() && resolve());
      });
    }
    // What the disk is when its turn comes counts, not what it was when the program asked.
    const code = this.#failure(step);
    if (code !== null) throw diskError(code, path);
    const value = await work();
    changed(step, path);
    return value;
  }

  /** A read-only file system still answers an fsync of a folder. */
  #failure(step: DiskStep): string | null {
    const trouble = this.#options.trouble();
    if (trouble?.kind === 'read-only' && step !== 'sync-folder') return 'EROFS';
    return trouble?.kind === 'failing' && this.#options.random.below(6) === 0 ? 'EIO' : null;
  }
}

/** The largest file that can be written, in bytes. */
function roomOf(trouble: DiskTrouble | null): number {
  if (trouble?.kind === 'full') return 0;
  return trouble?.kind === 'nearly-full' ? trouble.roomBytes : Number.POSITIVE_INFINITY;
}
