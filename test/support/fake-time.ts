import { globSync } from 'node:fs';
import { rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

const [library] = globSync('/usr/lib/*/faketime/libfaketimeMT.so.1');

interface FakeTimeOptions {
  /**
   * `wall`: somebody sets the clock. `all`: the clock that counts since boot too, as a suspend of the host shows when it is
   * over, or a SIGSTOP.
   */
  readonly moves: 'wall' | 'all';
  /** How many seconds pass in one of the host's; default 1. Only with `all`. */
  readonly rate?: number;
}

/** Clocks of one process that a test moves while it runs (libfaketime). */
export class FakeTime {
  /** For the process. */
  readonly env: Readonly<Record<string, string>>;
  readonly #file: string;
  readonly #rate: number;

  private constructor(file: string, { moves, rate = 1 }: FakeTimeOptions) {
    this.#file = file;
    this.#rate = rate;
    this.env = {
      LD_PRELOAD: library ?? '',
      FAKETIME_TIMESTAMP_FILE: file,
      FAKETIME_NO_CACHE: '1',
      FAKETIME_DONT_FAKE_MONOTONIC: moves === 'wall' ? '1' : '0',
      NO_FAKE_STAT: '1',
    };
  }

  /** True time, for processes that are started with its environment; its file is in the folder. */
  static async in(folder: string, options: FakeTimeOptions): Promise<FakeTime> {
    const time = new FakeTime(join(folder, 'faketime'), options);
    await time.set(0);
    return time;
  }

  /** From now on the clocks are so many seconds from the truth. */
  async set(offsetSeconds: number): Promise<void> {
    const text = `${offsetSeconds < 0 ? '' : '+'}${offsetSeconds}${this.#rate === 1 ? '' : ` x${this.#rate}`}\n`;
    // the process may look at any moment
    await writeFile(`${this.#file}.new`, text);
    await rename(`${this.#file}.new`, this.#file);
  }
}
