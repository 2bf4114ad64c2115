import type { Locks } from '../../src/ports/lock.ts';

interface Holding {
  readonly pid: number;
}

/** The locks of a host on which several processes run: each gets its own {@link Locks} over one table. */
export class LockTable {
  readonly #holdings = new Map<string, Holding>();

  /** What the process with this id sees. */
  process(pid: number): Locks {
    return {
      tryAcquire: async (path) => {
        const holder = this.#holdings.get(path);
        if (holder !== undefined) return { held: false, holderPid: holder.pid };
        const holding: Holding = { pid };
        this.#holdings.set(path, holding);
        return {
          held: true,
          stillInPlace: async () => this.#holdings.get(path) === holding,
          release: async () => {
            if (this.#holdings.get(path) === holding) this.#holdings.delete(path);
          },
        };
      },
    };
  }

  /** The process that holds the lock at this path; null where none does. */
  holderOf(path: string): number | null {
    return this.#holdings.get(path)?.pid ?? null;
  }

  /** The process ends, however it ends: the kernel gives up its locks. */
  kill(pid: number): void {
    for (const [path, holding] of this.#holdings) {
      if (holding.pid === pid) this.#holdings.delete(path);
    }
  }

  /** Somebody removes the lock file: its holder's lock means nothing any more, and the next process gets a new one. */
  removeFile(path: string): void {
    this.#holdings.delete(path);
  }
}
