import type { Token } from '../domain/token.ts';
import { TokenFileLane, type TokenFileLaneParts } from './token-file-lane.ts';
import type { TokenFileSpec } from './token-file.ts';

type OutputSetParts = Omit<TokenFileLaneParts, 'signal'>;

/** All outputs of one agent. Each goes its own way: none waits for another, and nobody has to wait for any. */
export class OutputSet {
  readonly #lanes: readonly TokenFileLane[];
  readonly #givingUp = new AbortController();

  constructor(files: readonly TokenFileSpec[], parts: OutputSetParts) {
    const { signal } = this.#givingUp;
    this.#lanes = files.map((file) => new TokenFileLane(file, { ...parts, signal }));
  }

  /**
   * Brings every output to this token. Resolves to whether all succeeded at the first try (for `run --once`); the others go
   * on trying by themselves, until a newer token takes the place of this one. Never rejects.
   */
  async publish(token: Token): Promise<boolean> {
    const succeeded = await Promise.all(this.#lanes.map((lane) => lane.publish(token)));
    return succeeded.every(Boolean);
  }

  /** Begins to notice what others do to the files. To be called when the daemon is up: it loads the file watcher. Never rejects. */
  async watch(): Promise<void> {
    await Promise.all(this.#lanes.map((lane) => lane.watch()));
  }

  /** Ends retries and watches, lets writes under way finish, and gives them up when `deadline` fires. The files stay. */
  async close(deadline: AbortSignal): Promise<void> {
    const closed = Promise.all(this.#lanes.map((lane) => lane.close()));
    await Promise.race([closed, abortOf(deadline, this.#givingUp.signal)]);
    this.#givingUp.abort();
  }
}

/** Resolves when `signal` fires; stops listening when `end` does. */
function abortOf(signal: AbortSignal, end: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    signal.addEventListener('abort', () => resolve(), { once: true, signal: end });
  });
}
