import { asTokenwardError, type ErrorCode, type TokenwardError } from '../domain/errors.ts';
import { backoffMs } from '../domain/schedule.ts';
import type { Secret } from '../domain/secret.ts';
import type { SecretFileReading } from '../platform/secret-file.ts';
import type { Clock } from '../ports/clock.ts';
import type { Log } from '../ports/log.ts';
import type { Random } from '../ports/random.ts';

const longestPauseMs = 60_000;
const readableByOthers = 0o004;

/** After these, another try would bring nothing: the end is near, or a newer secret was handed over by another way. */
const final: readonly ErrorCode[] = ['SHUTTING_DOWN', 'HANDOVER_REFUSED'];

export interface SecretFileAdoptionParts {
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  /** null where there is no file. Rejects `SECRET_FILE_UNUSABLE`. */
  readonly read: (path: string) => Promise<SecretFileReading | null>;
  /** Resolves when the secret is durable: true, or false where this very content was adopted before. Rejects where it could not be. */
  readonly adopt: (secret: Secret) => Promise<boolean>;
  /** Told why the file cannot be used, when that begins or has another reason; null when it is over. */
  readonly onUsable: (failure: TokenwardError | null) => void;
}

/** What is done about one secret file: reads it when told to look, hands over what is in it, and tries again what can pass. */
export class SecretFileAdoption {
  readonly #path: string;
  readonly #parts: SecretFileAdoptionParts;
  #closed = false;
  #next: Promise<void> | null = null;
  #last: Promise<void> = Promise.resolve();
  #cancelRetry: () => void = () => {};
  /** Tries in a row that did not get the secret stored. */
  #failures = 0;
  #lastFailure: ErrorCode | null = null;
  /** What stands against the file, as it was told. */
  #flaw: string | null = null;
  /** Whether it was told that others may read the file. */
  #isOpen = false;

  constructor(path: string, parts: SecretFileAdoptionParts) {
    this.#path = path;
    this.#parts = parts;
  }

  /** Whether the file could not be used at the last look. */
  get flawed(): boolean {
    return this.#flaw !== null;
  }

  /** Adopts what is in the file now. Those who ask while a look is under way share the next. Never rejects. */
  look(): Promise<void> {
    if (this.#next === null) {
      this.#next = this.#last.then(() => this.#takeTurn());
      this.#last = this.#next;
    }
    return this.#next;
  }

  /** Begins nothing more, and ends what was said against the file. */
  close(): void {
    this.#closed = true;
    this.#cancelRetry();
    this.#told(null);
  }

  async #takeTurn(): Promise<void> {
    this.#next = null;
    this.#cancelRetry();
    if (this.#closed) return;
    const found = await this.#read();
    if (found === null || this.#closed) return;
    this.#tellOfMode(found.mode);
    try {
      const { log, adopt } = this.#parts;
      if (await adopt(found.secret)) log.info('secret-file-adopted', { path: this.#path });
      else log.debug('secret-file-known', { path: this.#path });
      this.#failures = 0;
      this.#lastFailure = null;
    } catch (error) {
      this.#notAdopted(asTokenwardError(error));
    }
  }

  async #read(): Promise<SecretFileReading | null> {
    try {
      const found = await this.#parts.read(this.#path);
      if (!this.#closed) this.#told(null);
      return found;
    } catch (error) {
      if (!this.#closed) this.#told(asTokenwardError(error));
      return null;
    }
  }

  #told(failure: TokenwardError | null): void {
    const flaw = failure?.message ?? null;
    if (flaw !== this.#flaw) this.#parts.onUsable(failure);
    this.#flaw = flaw;
  }

  #tellOfMode(mode: number): void {
    const isOpen = (mode & readableByOthers) !== 0;
    if (isOpen && !this.#isOpen) {
      this.#parts.log.warn('secret-file-open-to-all', {
        path: this.#path,
        mode: mode.toString(8).padStart(4, '0'),
      });
    }
    this.#isOpen = isOpen;
  }

  #notAdopted(failure: TokenwardError): void {
    const { code, message } = failure;
    const { log, clock, random } = this.#parts;
    if (this.#closed || code === 'SHUTTING_DOWN') return;
    this.#failures += 1;
    const line = { path: this.#path, code, reason: message, failures: this.#failures };
    if (code === this.#lastFailure) log.debug('secret-file-not-adopted', line);
    else log.warn('secret-file-not-adopted', { ...line, ...(code === 'INTERNAL' && { error: failure }) });
    this.#lastFailure = code;
    if (final.includes(code)) return;
    const pauseMs = backoffMs(this.#failures, longestPauseMs, random.fraction());
    this.#cancelRetry = clock.after(pauseMs, () => void this.look());
  }
}
