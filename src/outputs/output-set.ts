import { isDeepStrictEqual } from 'node:util';
import type { Token } from '../domain/token.ts';
import { abortOf } from './abort-of.ts';
import { TokenFileLane, type TokenFileLaneParts } from './token-file-lane.ts';
import type { TokenFileSpec } from './token-file.ts';

interface OutputSetParts extends Omit<TokenFileLaneParts, 'signal' | 'onPlaced'> {
  /** Nobody keeps this file any more; what was said against it is over. */
  readonly onDropped: (path: string) => void;
  /**
   * Every file holds this token; told again whenever that was found to be so. `isWritten`: whether one of them had to be written
   * since the start, or all held it already.
   */
  readonly onPlaced: (token: Token, isWritten: boolean) => void;
}

/** All outputs of one agent. Each goes its own way: none waits for another, and nobody has to wait for any. */
export class OutputSet {
  readonly #parts: OutputSetParts;
  readonly #givingUp = new AbortController();
  #lanes: readonly TokenFileLane[];
  #newest: Token | null = null;
  /** Whether the files are to be gone, until there is another token. */
  #withdrawn = false;
  #watching = false;
  #closed = false;
  /** The replacements asked for so far, one after the other. */
  #turn: Promise<void> = Promise.resolve();

  /** What becomes of the files of a token that is known to be dead. May change at any time, for the next one. */
  onInvalid: 'keep' | 'remove' = 'keep';

  constructor(files: readonly TokenFileSpec[], parts: OutputSetParts) {
    this.#parts = parts;
    this.#lanes = files.map((file) => this.#open(file));
  }

  /**
   * Brings every output to this token. Resolves to whether all succeeded at the first try (for `run --once`); the others go
   * on trying by themselves, until a newer token takes the place of this one. Never rejects.
   */
  async publish(token: Token): Promise<boolean> {
    this.#newest = token;
    this.#withdrawn = false;
    const succeeded = await Promise.all(this.#lanes.map((lane) => lane.publish(token)));
    if (this.#lanes.length === 0) this.#tellPlaced();
    return succeeded.every(Boolean);
  }

  /**
   * The token with this sequence, or one before it, is known to be dead: files that come from now on do not get it, and under
   * `remove` those that are there go, also those of an earlier life of the daemon. A newer token stays. What cannot be removed
   * is tried again. Never throws.
   */
  withdraw(sequence: number): void {
    if (this.#newest !== null && this.#newest.sequence > sequence) return;
    this.#newest = null;
    this.#withdrawn = this.onInvalid === 'remove';
    if (this.#withdrawn) for (const lane of this.#lanes) void lane.withdraw();
  }

  /** Begins to notice what others do to the files. To be called when the daemon is up: it loads the file watcher. Never rejects. */
  async watch(): Promise<void> {
    this.#watching = true;
    await Promise.all(this.#lanes.map((lane) => lane.watch()));
  }

  /**
   * Has these files from now on. Those that are meant as before go on undisturbed; the others get the newest token. A file
   * that is not meant any more stays as it is, and what was said against it is over. Resolves when the files that go are at
   * rest; what comes of the new ones is told as ever. Never rejects.
   */
  replace(files: readonly TokenFileSpec[]): Promise<void> {
    this.#turn = this.#turn.then(() => this.#replaceNow(files));
    return this.#turn;
  }

  /** Leaves alone all files but those that are meant as before; to be called before a {@link OutputSet.replace}. Never rejects. */
  keepOnly(files: readonly TokenFileSpec[]): Promise<void> {
    this.#turn = this.#turn.then(() => this.#drop(files));
    return this.#turn;
  }

  async #replaceNow(files: readonly TokenFileSpec[]): Promise<void> {
    // Before another one takes its place: two would fight over the file.
    await this.#drop(files);
    if (this.#closed) return;
    const kept = new Map(this.#lanes.map((lane) => [lane.spec.path, lane]));
    this.#lanes = files.map((file) => kept.get(file.path) ?? this.#begin(file));
    // One that could not be written may have gone.
    this.#tellPlaced();
  }

  async #drop(files: readonly TokenFileSpec[]): Promise<void> {
    const isKept = ({ spec }: TokenFileLane) => files.some((file) => isDeepStrictEqual(file, spec));
    const dropped = this.#lanes.filter((lane) => !isKept(lane));
    this.#lanes = this.#lanes.filter(isKept);
    await Promise.all(dropped.map((lane) => lane.close()));
    for (const { spec } of dropped) this.#parts.onDropped(spec.path);
  }

  /** Ends retries and watches, lets writes under way finish, and gives them up when `deadline` fires. The files stay. */
  async close(deadline: AbortSignal): Promise<void> {
    this.#closed = true;
    const closed = Promise.all([this.#turn, ...this.#lanes.map((lane) => lane.close())]);
    await Promise.race([closed, abortOf(deadline, this.#givingUp.signal)]);
    this.#givingUp.abort();
  }

  /** The paths of the files, in the order of the configuration. */
  get paths(): readonly string[] {
    return this.#lanes.map(({ spec }) => spec.path);
  }

  #tellPlaced(): void {
    const token = this.#newest;
    if (token === null || this.#closed || !this.#lanes.every(({ placed }) => placed === token)) return;
    this.#parts.onPlaced(
      token,
      this.#lanes.some(({ isWritten }) => isWritten),
    );
  }

  #open(file: TokenFileSpec): TokenFileLane {
    return new TokenFileLane(file, {
      ...this.#parts,
      onPlaced: () => this.#tellPlaced(),
      signal: this.#givingUp.signal,
    });
  }

  #begin(file: TokenFileSpec): TokenFileLane {
    const lane = this.#open(file);
    if (this.#newest !== null) void lane.publish(this.#newest);
    else if (this.#withdrawn) void lane.withdraw();
    if (this.#watching) void lane.watch();
    return lane;
  }
}
