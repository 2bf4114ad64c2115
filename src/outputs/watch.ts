import { realpath, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import type { FSWatcher } from 'chokidar';
import { errorCode } from '../platform/system-error.ts';
import type { Log } from '../ports/log.ts';

/**
 * Tells when something happens to one file, by anyone. It only ever says "look": what happened is found by looking.
 * chokidar waits for missing folders to appear, but loses a folder that is removed and made again; hence the watch is
 * set up anew whenever another folder stands at the path. Loaded late, because chokidar weighs about 1 MiB.
 */
export class FileWatch {
  readonly #path: string;
  readonly #onEvent: () => void;
  readonly #log: Log;
  #watcher: FSWatcher | null = null;
  #aim: string | null = null;
  #turn: Promise<void> = Promise.resolve();
  #closed = false;

  constructor(path: string, parts: { readonly log: Log; readonly onEvent: () => void }) {
    this.#path = path;
    this.#onEvent = parts.onEvent;
    this.#log = parts.log;
  }

  /** Starts the watch, or aims it at the folder that stands at the path now. Cheap where nothing has changed. Never rejects. */
  async aim(): Promise<void> {
    this.#turn = this.#turn.then(() => this.#aimAnew()).catch((error: unknown) => this.#complain(error));
    await this.#turn;
  }

  async close(): Promise<void> {
    this.#closed = true;
    await this.#turn;
    await this.#watcher?.close();
  }

  async #aimAnew(): Promise<void> {
    const folder = await findFolder(dirname(this.#path));
    if (this.#closed || folder.identity === this.#aim) return;
    this.#aim = folder.identity;
    await this.#watcher?.close();
    const { watch } = await import('chokidar');
    const name = basename(this.#path);
    this.#watcher = watch(join(folder.path, name), {
      ignoreInitial: true,
      followSymlinks: false,
      atomic: false,
    })
      .on('all', this.#onEvent)
      // chokidar's own events leave out a change of mode or owner that follows another change within 50 ms.
      .on('raw', (_event, where) => {
        if (where === null || basename(where) === name) this.#onEvent();
      })
      .on('error', (error) => this.#complain(error))
      // What happened while no watch stood.
      .on('ready', this.#onEvent);
  }

  /** Without a watch the file is still audited, only not within 2 s. */
  #complain(error: unknown): void {
    // chokidar asked where a symbolic link leads that we have replaced by the file meanwhile; the watch stands.
    if (errorCode(error) === 'EINVAL') return;
    this.#log.warn('token-file-watch-failed', { path: this.#path, errno: errorCode(error) ?? 'unknown' });
  }
}

/** The folder behind all symbolic links (chokidar does not follow one above the file), and what tells it from its successors. */
async function findFolder(path: string): Promise<{ readonly path: string; readonly identity: string }> {
  try {
    const real = await realpath(path);
    const { dev, ino } = await stat(real, { bigint: true });
    return { path: real, identity: `${real} ${dev} ${ino}` };
  } catch {
    // Missing, or not to be entered: chokidar waits for it from the nearest folder above.
    return { path, identity: 'absent' };
  }
}
