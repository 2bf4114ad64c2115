import { statSync } from 'node:fs';
import { lstat, readlink, stat } from 'node:fs/promises';
import { dirname, join, parse, resolve, sep } from 'node:path';
import type { FSWatcher } from 'chokidar';
import type { Clock } from '../ports/clock.ts';
import { errorCode } from './system-error.ts';

/**
 * Tells when a file that others write may have changed: saved in place, replaced by rename, removed and made anew, or swapped by a
 * symbolic link on the way to it, as Kubernetes does with `..data`. Every link on that way is watched, and the way is followed
 * anew after each event. It only says "look".
 */

/** Milliseconds without an event before somebody looks: whoever writes in place must be done. */
const calmMs = 250;
/** Milliseconds after which somebody looks all the same. */
const patienceMs = 5_000;

export interface PathWatchParts {
  readonly clock: Clock;
  readonly onChange: () => void;
  /** Told when changes are noticed from now on, at these places. */
  readonly onWatched?: (paths: readonly string[]) => void;
  /** Told when the kernel cannot watch, with its name for why. */
  readonly onFailed: (errno: string) => void;
  /** The {@link appearance} of the file just before it was read: what happens to it from then on is told, though the watch starts later. */
  readonly seen: string;
}

export class PathWatch {
  readonly #path: string;
  readonly #parts: PathWatchParts;
  #watcher: FSWatcher | null = null;
  #aim: readonly string[] = [];
  /** The file as it was when somebody last looked: what happens while no watch stands is found by it. */
  #seen: string;
  #turn: Promise<void> = Promise.resolve();
  #closed = false;
  #cancelLook: () => void = () => {};
  /** When the first event came that nobody has looked for yet; boot clock, ms. */
  #since: number | null = null;

  constructor(path: string, parts: PathWatchParts) {
    this.#path = resolve(path);
    this.#parts = parts;
    this.#seen = parts.seen;
  }

  /**
   * Resolves when changes are noticed from now on; loads the file watcher. May be called again, which finds what no watch has told.
   * Never rejects.
   */
  async start(): Promise<void> {
    this.#turn = this.#turn.then(() => this.#catchUp());
    await this.#turn;
  }

  async close(): Promise<void> {
    this.#closed = true;
    this.#cancelLook();
    await this.#turn;
    await this.#watcher?.close();
  }

  async #catchUp(): Promise<void> {
    try {
      await this.#follow();
    } catch (error) {
      this.#complain(error);
    }
    if (appearance(this.#path) !== this.#seen) this.#stirred();
  }

  /** Aims the watch at the links and the file that are on the way now. */
  async #follow(): Promise<void> {
    const way = await wayTo(this.#path);
    const aim = await Promise.all(way.map(async (path) => `${path} in ${await identityOf(dirname(path))}`));
    if (this.#closed || (aim.length === this.#aim.length && aim.every((each, at) => each === this.#aim[at])))
      return;
    this.#aim = [];
    await this.#watcher?.close();
    const { watch } = await import('chokidar');
    this.#watcher = watch([...way], { ignoreInitial: true, followSymlinks: false, atomic: false })
      .on('all', () => this.#stirred())
      .on('error', (error) => this.#complain(error));
    await new Promise<void>((ready) => this.#watcher?.once('ready', () => ready()));
    this.#aim = aim;
    this.#parts.onWatched?.(way);
  }

  #stirred(): void {
    if (this.#closed) return;
    const { bootMs } = this.#parts.clock.now();
    this.#since ??= bootMs;
    this.#cancelLook();
    const waitMs = Math.min(calmMs, Math.max(0, this.#since + patienceMs - bootMs));
    this.#cancelLook = this.#parts.clock.after(waitMs, () => {
      this.#since = null;
      this.#seen = appearance(this.#path);
      this.#parts.onChange();
      void this.start();
    });
  }

  #complain(error: unknown): void {
    this.#parts.onFailed(errorCode(error) ?? 'unknown');
  }
}

/** A folder that was removed and made again is another one, though it has the same name. */
async function identityOf(folder: string): Promise<string> {
  try {
    const { dev, ino } = await stat(folder, { bigint: true });
    return `${dev} ${ino}`;
  } catch {
    return 'nothing'; // missing, or closed to us: the file watcher waits for it from the nearest folder above
  }
}

/** What tells a file from its successors, and from itself before it was written to. Never throws. */
export function appearance(path: string): string {
  try {
    const { dev, ino, size, mtimeNs } = statSync(path, { bigint: true });
    return `${dev} ${ino} ${size} ${mtimeNs}`;
  } catch (error) {
    return `not to be seen: ${errorCode(error) ?? 'unknown'}`;
  }
}

/** Links on a way may lead in a circle. */
const mostLinks = 40;

/** Every symbolic link on the way to a file, and what stands at its end, whether it exists or not. */
export async function wayTo(path: string): Promise<readonly string[]> {
  const way: string[] = [];
  let rest = stepsOf(path);
  let at = parse(path).root;
  while (rest.length > 0) {
    const [step = '', ...further] = rest;
    const next = join(at, step);
    const target = way.length < mostLinks ? await linkTarget(next) : null;
    if (target === null) {
      at = next;
      rest = further;
    } else {
      way.push(next);
      const led = resolve(dirname(next), target);
      at = parse(led).root;
      rest = [...stepsOf(led), ...further];
    }
  }
  return [...way, at];
}

function stepsOf(path: string): readonly string[] {
  return path
    .slice(parse(path).root.length)
    .split(sep)
    .filter((step) => step !== '');
}

/** null where the path is no link, or cannot be looked at. */
async function linkTarget(path: string): Promise<string | null> {
  try {
    return (await lstat(path)).isSymbolicLink() ? await readlink(path) : null;
  } catch {
    return null; // missing: the watch waits for it
  }
}
