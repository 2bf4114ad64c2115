import type { ScratchFile } from '../../platform/scratch-file.ts';

/** What a request's body is kept in until the server has taken it: memory first, then a file without a name. */

/** Bytes that all spools of a proxy may hold together, in memory or on disk. */
export class SpoolBudget {
  #left: number;

  constructor(bytes: number) {
    this.#left = bytes;
  }

  /** Whether there was room; taken bytes are given back later. */
  take(bytes: number): boolean {
    if (bytes > this.#left) return false;
    this.#left -= bytes;
    return true;
  }

  giveBack(bytes: number): void {
    this.#left += bytes;
  }
}

export interface SpoolParts {
  readonly memory: SpoolBudget;
  readonly disk: SpoolBudget;
  /** Bytes of one body that may stay in memory. */
  readonly inMemory: number;
  openFile(): Promise<ScratchFile>;
  /** The body cannot be kept, and goes on its way without; called once. */
  onFailure(error: unknown): void;
}

/** Bytes that are read from the file at a time. */
const pieceBytes = 64 * 1024;

export class Spool {
  readonly #parts: SpoolParts;
  #pieces: Uint8Array[] = [];
  /** Bytes of `#pieces`. */
  #held = 0;
  /** Whether a piece has gone to the file, and with it all that follows. */
  #spills = false;
  #file: ScratchFile | null = null;
  /** Bytes that the file has cost. */
  #onDisk = 0;
  #size = 0;
  #isUsable = true;
  #isClosed = false;
  /** Appends and reads of the file, one after the other. */
  #work: Promise<void> = Promise.resolve();

  constructor(parts: SpoolParts) {
    this.#parts = parts;
  }

  /** Bytes that were appended. */
  get size(): number {
    return this.#size;
  }

  /** Whether all that was appended can be had again. */
  get isUsable(): boolean {
    return this.#isUsable && !this.#isClosed;
  }

  /** Resolves when the bytes are kept; null where they are already, or will not be. Never rejects. */
  append(bytes: Uint8Array): Promise<void> | null {
    this.#size += bytes.byteLength;
    if (!this.isUsable) return null;
    if (!this.#spills && this.#fitsMemory(bytes.byteLength)) {
      this.#pieces.push(bytes);
      this.#held += bytes.byteLength;
      return null;
    }
    this.#spills = true;
    this.#work = this.#work.then(() => this.#appendToFile(bytes));
    return this.#work;
  }

  /** All of the body from its beginning; only of a usable spool, and while nothing is appended. Throws Node's error of the file. */
  async *read(): AsyncGenerator<Uint8Array> {
    await this.#work;
    yield* this.#pieces;
    if (this.#file === null) return;
    for (let position = 0; ;) {
      const piece = await this.#file.read(position, pieceBytes);
      if (piece.byteLength === 0) return;
      position += piece.byteLength;
      yield piece;
    }
  }

  /** Lets go of everything. May be called again. */
  async close(): Promise<void> {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#dropPieces();
    await this.#work;
    await this.#file?.close().catch(() => {});
    this.#parts.disk.giveBack(this.#onDisk);
  }

  #fitsMemory(bytes: number): boolean {
    return this.#held + bytes <= this.#parts.inMemory && this.#parts.memory.take(bytes);
  }

  /** With the first bytes that do not fit, all goes into the file, so that many large bodies leave room for small ones. */
  async #appendToFile(bytes: Uint8Array): Promise<void> {
    if (!this.isUsable) return;
    try {
      this.#file ??= await this.#parts.openFile();
      for (const piece of [...this.#pieces, bytes]) await this.#appendPiece(this.#file, piece);
      this.#dropPieces();
    } catch (error) {
      this.#isUsable = false;
      this.#dropPieces();
      this.#parts.onFailure(error);
    }
  }

  async #appendPiece(file: ScratchFile, piece: Uint8Array): Promise<void> {
    if (!this.#parts.disk.take(piece.byteLength)) throw new Error('too many bodies are kept on disk already');
    this.#onDisk += piece.byteLength;
    await file.append(piece);
  }

  #dropPieces(): void {
    this.#parts.memory.giveBack(this.#held);
    this.#pieces = [];
    this.#held = 0;
  }
}
