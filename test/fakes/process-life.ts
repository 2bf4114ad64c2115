import type { Clock } from '../../src/ports/clock.ts';
import type { Disk, DiskFile } from '../../src/ports/disk.ts';

/**
 * One run of a program on a host: the host's clock and disk until the program is killed. From then on no timer of it runs and
 * nothing that it began on the disk ends, as after SIGKILL; what was done stays done.
 */
export class ProcessLife {
  readonly clock: Clock;
  readonly disk: Disk;
  /** Called after each step that changes the disk. */
  afterChange: () => void = () => {};
  #alive = true;

  constructor(clock: Clock, disk: Disk) {
    this.clock = {
      now: () => clock.now(),
      after: (delayMs, run) => clock.after(delayMs, () => this.#alive && run()),
    };
    this.disk = this.#mortalDisk(disk);
  }

  end(): void {
    this.#alive = false;
  }

  #mortalDisk(disk: Disk): Disk {
    return {
      read: (path) => this.#look(() => disk.read(path)),
      list: (folder) => this.#look(() => disk.list(folder)),
      stat: (path) => this.#look(() => disk.stat(path)),
      makeFolder: (path, mode) => this.#change(() => disk.makeFolder(path, mode)),
      create: (path, mode) =>
        this.#change(() => disk.create(path, mode)).then((file) => this.#mortalFile(file)),
      rename: (from, to) => this.#change(() => disk.rename(from, to)),
      remove: (path) => this.#change(() => disk.remove(path)),
      syncFolder: (path) => this.#change(() => disk.syncFolder(path)),
    };
  }

  #mortalFile(file: DiskFile): DiskFile {
    return {
      write: (bytes) => this.#change(() => file.write(bytes)),
      setOwner: (uid, gid) => this.#change(() => file.setOwner(uid, gid)),
      sync: () => this.#change(() => file.sync()),
      close: () => this.#look(() => file.close()),
    };
  }

  async #look<T>(work: () => Promise<T>): Promise<T> {
    if (!this.#alive) return never();
    try {
      return await work();
    } finally {
      if (!this.#alive) await never();
    }
  }

  #change<T>(work: () => Promise<T>): Promise<T> {
    return this.#look(async () => {
      const result = await work();
      this.afterChange();
      return result;
    });
  }
}

function never(): Promise<never> {
  return new Promise(() => {});
}
