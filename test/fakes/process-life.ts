import type { Clock } from '../../src/ports/clock.ts';
import type { Disk, DiskFile } from '../../src/ports/disk.ts';

/**
 * One run of a program on a host: the host's clock and disk until the program is killed. From then on no timer of it runs and
 * nothing that it began on the disk ends, as after SIGKILL; what was done stays done.
 */
export class ProcessLife {
  readonly clock: Clock;
  readonly disk: Disk;
  readonly #onChange: (step: string) => void;
  #alive = true;
  #changesLeft = Number.POSITIVE_INFINITY;

  /** `onChange` is called after each step that changed the disk or the keychain, with words for it. */
  constructor(clock: Clock, disk: Disk, onChange: (step: string) => void = () => {}) {
    this.#onChange = onChange;
    this.clock = {
      now: () => clock.now(),
      after: (delayMs, run) => clock.after(delayMs, () => this.#alive && run()),
    };
    this.disk = this.#mortalDisk(disk);
  }

  get alive(): boolean {
    return this.#alive;
  }

  end(): void {
    this.#alive = false;
  }

  /** Ends right after the `count`th such step from now on. */
  endAfter(count: number): void {
    this.#changesLeft = count;
  }

  #mortalDisk(disk: Disk): Disk {
    return {
      read: (path) => this.look(() => disk.read(path)),
      list: (folder) => this.look(() => disk.list(folder)),
      stat: (path) => this.look(() => disk.stat(path)),
      makeFolder: (path, mode) => this.change(`make-folder ${path}`, () => disk.makeFolder(path, mode)),
      create: (path, mode) =>
        this.change(`create ${path}`, () => disk.create(path, mode)).then((file) =>
          this.#mortalFile(path, file),
        ),
      rename: (from, to) => this.change(`rename ${from} to ${to}`, () => disk.rename(from, to)),
      link: (from, to) => this.change(`link ${from} to ${to}`, () => disk.link(from, to)),
      remove: (path) => this.change(`remove ${path}`, () => disk.remove(path)),
      syncFolder: (path) => this.change(`sync-folder ${path}`, () => disk.syncFolder(path)),
    };
  }

  #mortalFile(path: string, file: DiskFile): DiskFile {
    return {
      write: (bytes) => this.change(`write ${path}`, () => file.write(bytes)),
      setOwner: (uid, gid) => this.change(`set-owner ${path}`, () => file.setOwner(uid, gid)),
      sync: () => this.change(`sync ${path}`, () => file.sync()),
      close: () => this.look(() => file.close()),
    };
  }

  /** A step that changes nothing that outlives the process. */
  async look<T>(work: () => Promise<T>): Promise<T> {
    if (!this.#alive) return never();
    try {
      return await work();
    } finally {
      if (!this.#alive) await never();
    }
  }

  /** A step that changes the disk, or another place that outlives the process. */
  change<T>(step: string, work: () => Promise<T>): Promise<T> {
    return this.look(async () => {
      const result = await work();
      this.#changesLeft -= 1;
      if (this.#changesLeft <= 0) this.end();
      this.#onChange(step);
      return result;
    });
  }
}

function never(): Promise<never> {
  return new Promise(() => {});
}
