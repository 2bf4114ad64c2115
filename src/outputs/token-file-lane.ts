import type { Token } from '../domain/token.ts';
import type { TokenFileMeter } from '../platform/metrics/token-file-metrics.ts';
import type { Disk } from '../ports/disk.ts';
import type { Log } from '../ports/log.ts';
import { RetriedOutput, type RetryParts } from './retried-output.ts';
import type { Deviation } from './sighting.ts';
import { TamperGuard } from './tamper-guard.ts';
import { TokenFile, type TokenFileSpec } from './token-file.ts';
import { FileWatch } from './watch.ts';

export interface TokenFileLaneParts extends Omit<RetryParts, 'onPublished'> {
  readonly disk: Disk;
  readonly log: Log;
  /** What counts for the file with this path. */
  readonly meter: (path: string) => TokenFileMeter;
  /** Others removed or altered the file, and it is being restored. Told again when they alter it in a further way; `what` is all so far. */
  readonly onTampered: (path: string, what: readonly Deviation[]) => void;
  /** It has been left alone for a while. */
  readonly onRestored: (path: string) => void;
  /** Told whenever the file was found to hold, or brought to hold, the token that it is to have. */
  readonly onPlaced: () => void;
}

/** One token file with all that keeps it right: retries, the watch, and the guard that decides when to look. */
export class TokenFileLane {
  readonly spec: TokenFileSpec;
  readonly #guard: TamperGuard;
  readonly #watch: FileWatch;
  readonly #file: RetriedOutput;
  #watching = false;
  #placed: Token | null = null;
  #isWritten = false;

  constructor(spec: TokenFileSpec, parts: TokenFileLaneParts) {
    const { path } = spec;
    this.spec = spec;
    this.#guard = new TamperGuard({
      clock: parts.clock,
      recheck: () => this.#recheck(),
      onTampered: (what) => parts.onTampered(path, what),
      onRestored: () => parts.onRestored(path),
    });
    this.#watch = new FileWatch(path, { log: parts.log, onEvent: () => this.#guard.poke() });
    this.#file = new RetriedOutput(
      new TokenFile(spec, {
        ...parts,
        meter: parts.meter(path),
        onTampered: (what) => this.#guard.tampered(what),
        onWritten: () => void (this.#isWritten = true),
      }),
      {
        ...parts,
        onPublished: (token) => {
          this.#placed = token;
          parts.onPlaced();
        },
      },
    );
  }

  /** The token that the file was last found to hold. */
  get placed(): Token | null {
    return this.#placed;
  }

  /** Whether the file had to be written since the start. */
  get isWritten(): boolean {
    return this.#isWritten;
  }

  publish(token: Token): Promise<boolean> {
    return this.#file.publish(token);
  }

  /** Removes the file. Resolves to whether the first try succeeded. */
  withdraw(): Promise<boolean> {
    return this.#file.withdraw();
  }

  /** Resolves when changes by others are noticed from now on. */
  async watch(): Promise<void> {
    this.#watching = true;
    this.#guard.start();
    await this.#watch.aim();
  }

  async close(): Promise<void> {
    this.#guard.close();
    await Promise.all([this.#watch.close(), this.#file.close()]);
  }

  async #recheck(): Promise<boolean> {
    if (this.#watching) void this.#watch.aim();
    return this.#file.recheck();
  }
}
