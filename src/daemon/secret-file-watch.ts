import { PathWatch } from '../platform/path-watch.ts';
import { SecretFileAdoption, type SecretFileAdoptionParts } from './secret-file-adoption.ts';

/** How often the file is looked at without cause: not every file system tells of changes. */
const auditEveryMs = 30_000;

/**
 * Where a new secret may be dropped for one agent while the daemon runs: watches the file, and adopts what comes there, also what
 * lay there before. Another file may take its place at any time.
 */
export class SecretFileWatch {
  readonly #parts: SecretFileAdoptionParts;
  #path: string | null;
  #started = false;
  #closed = false;
  #adoption: SecretFileAdoption | null = null;
  #watch: PathWatch | null = null;
  #watchFailure: string | null = null;
  #cancelAudit: () => void = () => {};

  /** `path` null: there is no such file. */
  constructor(path: string | null, parts: SecretFileAdoptionParts) {
    this.#path = path;
    this.#parts = parts;
  }

  /** To be called when the agent is held: whoever stands by adopts nothing. Loads the file watcher. */
  start(): void {
    if (this.#started) return;
    this.#started = true;
    this.#begin();
  }

  /** From now on this is the file. What was said against another one is over. */
  replace(path: string | null): void {
    if (path === this.#path) return;
    this.#end();
    this.#path = path;
    if (this.#started) this.#begin();
  }

  /** Adopts nothing that comes from now on. */
  close(): void {
    this.#closed = true;
    this.#end();
  }

  #begin(): void {
    const path = this.#path;
    if (path === null || this.#closed) return;
    const { clock } = this.#parts;
    const adoption = new SecretFileAdoption(path, this.#parts);
    this.#adoption = adoption;
    this.#watch = new PathWatch(path, {
      clock,
      onChange: () => void adoption.look(),
      onFailed: (errno) => this.#watchFailed(path, errno),
      // Like no file: what lies there already counts as a change, and is taken up when it has been left alone for a moment.
      seen: 'not looked at yet',
    });
    void this.#watch.start();
    this.#auditLater();
  }

  /** Every look tries to watch again; whoever reads the log is told once. */
  #watchFailed(path: string, errno: string): void {
    const { log } = this.#parts;
    if (errno === this.#watchFailure) log.debug('secret-file-watch-failed', { path, errno });
    else log.warn('secret-file-watch-failed', { path, errno });
    this.#watchFailure = errno;
  }

  #auditLater(): void {
    this.#cancelAudit = this.#parts.clock.after(auditEveryMs, () => {
      // Permissions that were mended are no change of the file.
      if (this.#adoption?.flawed === true) void this.#adoption.look();
      void this.#watch?.start();
      this.#auditLater();
    });
  }

  #end(): void {
    this.#cancelAudit();
    this.#adoption?.close();
    void this.#watch?.close();
    [this.#adoption, this.#watch] = [null, null];
  }
}
