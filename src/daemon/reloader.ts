import type { ConfigChanges } from '../config/changes.ts';
import type { Config } from '../config/config.ts';
import { asTokenwardError } from '../domain/errors.ts';
import type { ReloadResult } from '../platform/metrics/config-metrics.ts';
import type { Clock } from '../ports/clock.ts';
import type { Log } from '../ports/log.ts';

/** Why the configuration is looked at again. */
export type ReloadCause = 'signal' | 'file' | 'takeover';

/** Milliseconds between the end of one reload and the beginning of the next: a storm of signals is one every now and then. */
const pauseMs = 500;

export interface ReloaderParts {
  readonly clock: Clock;
  readonly log: Log;
  /** Reads the file. Throws what is wrong with it. */
  readonly load: () => Config;
  /** All or nothing; rejects what stands in the way. */
  readonly apply: (config: Config) => Promise<ConfigChanges>;
  /** Told how each one ended; `reason` is the sentence why it was rejected. */
  readonly ended: (result: ReloadResult, reason: string | null) => void;
}

/** Reloads of the configuration, one at a time. Those that are asked for while one is under way share the next. */
export class Reloader {
  readonly #parts: ReloaderParts;
  #wanted: ReloadCause | null = null;
  #running: Promise<void> | null = null;
  #opened = false;
  #closed = false;
  #endPause: () => void = () => {};
  /** When the last one ended; boot clock, ms. */
  #endedAt = -Infinity;

  constructor(parts: ReloaderParts) {
    this.#parts = parts;
  }

  /** Before this, requests are put off: what starts cannot change yet, and a standby has nothing that could. */
  open(): void {
    this.#opened = true;
    if (this.#wanted !== null) void this.request(this.#wanted);
  }

  /** Resolves when one has ended that began after this call, or where it is put off. Never rejects. */
  async request(cause: ReloadCause): Promise<void> {
    if (this.#closed) return;
    this.#wanted ??= cause;
    if (this.#opened) await (this.#running ??= this.#run());
    else this.#parts.log.info('config-reload-deferred', { cause });
  }

  /** One at once, before {@link Reloader.open}; it is for all that were put off. Never rejects. */
  async first(cause: ReloadCause): Promise<void> {
    this.#wanted = null;
    this.#running = this.#reload(cause);
    await this.#running;
    this.#running = null;
  }

  /** Begins no further one. Resolves when the one under way has ended. */
  async close(): Promise<void> {
    this.#closed = true;
    this.#endPause();
    await this.#running;
  }

  async #run(): Promise<void> {
    for (;;) {
      await this.#pause();
      if (this.#wanted === null || this.#closed) break;
      const cause = this.#wanted;
      this.#wanted = null;
      await this.#reload(cause);
      this.#endedAt = this.#parts.clock.now().bootMs;
    }
    this.#running = null;
  }

  async #reload(cause: ReloadCause): Promise<void> {
    const { log, load, apply, ended } = this.#parts;
    try {
      const { none, agents } = await apply(load());
      ended(none ? 'unchanged' : 'applied', null);
      if (none) log.info('config-unchanged', { cause });
      else {
        log.info('config-reloaded', {
          cause,
          added: agents.added.map(({ name }) => name),
          changed: agents.changed.map(({ name }) => name),
          removed: agents.removed,
        });
      }
    } catch (error) {
      const { code, message } = asTokenwardError(error);
      if (code === 'SHUTTING_DOWN') return;
      ended('rejected', message);
      log.error('config-rejected', {
        cause,
        code,
        problems: message.split('\n'),
        ...(code === 'INTERNAL' && { error }),
      });
    }
  }

  #pause(): Promise<void> | void {
    const { clock } = this.#parts;
    const waitMs = this.#endedAt + pauseMs - clock.now().bootMs;
    if (waitMs <= 0 || this.#wanted === null || this.#closed) return;
    return new Promise((resolve) => {
      const cancel = clock.after(waitMs, resolve);
      this.#endPause = () => {
        cancel();
        resolve();
      };
    });
  }
}
