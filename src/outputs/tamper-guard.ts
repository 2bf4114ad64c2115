import { elapsedMs, type Stamp } from '../domain/stamp.ts';
import type { Clock } from '../ports/clock.ts';
import type { Deviation } from './sighting.ts';

/** A file that nobody touched for this long is ours again. */
const calmMs = 30_000;
/** How often the file is looked at without cause: not every file system tells of changes. */
const auditEveryMs = 30_000;

/**
 * Milliseconds to wait before the file is restored again, after so many restores without calm between them. Someone who
 * fights over the file gets a few quick answers, then one a second (still within the 2 s that are promised), then one in
 * ten seconds: it is always restored, and never in a busy loop.
 */
export function restoreDelayMs(restores: number): number {
  if (restores < 5) return 0;
  return restores < 30 ? 1_000 : 10_000;
}

interface TamperGuardParts {
  readonly clock: Clock;
  /** Checks the file and restores it where needed, which calls {@link TamperGuard.tampered}. Resolves to whether it is as it should be. */
  readonly recheck: () => Promise<boolean>;
  /** Told once when an episode begins, and again when the file is altered in a further way; `what` is all that was found so far. */
  readonly onTampered: (what: readonly Deviation[]) => void;
  /** Told when the episode is over: the file has been ours for a while. */
  readonly onRestored: () => void;
}

interface Episode {
  readonly what: readonly Deviation[];
  readonly restores: number;
  readonly lastAt: Stamp;
}

/** Decides when one token file is checked, and keeps the episodes in which others meddle with it. */
export class TamperGuard {
  readonly #parts: TamperGuardParts;
  #episode: Episode | null = null;
  #cancelAudit: () => void = () => undefined;
  #cancelCheck: (() => void) | null = null;
  #closed = false;

  constructor(parts: TamperGuardParts) {
    this.#parts = parts;
  }

  /** Begins the regular audits. */
  start(): void {
    if (this.#closed) return;
    this.#cancelAudit = this.#parts.clock.after(auditEveryMs, () => void this.#audit());
  }

  /** Something happened to the file, perhaps by our own hand. */
  poke(): void {
    if (this.#closed || this.#cancelCheck !== null) return;
    const delayMs = restoreDelayMs(this.#episode?.restores ?? 0);
    if (delayMs === 0) void this.#parts.recheck();
    else this.#cancelCheck = this.#parts.clock.after(delayMs, () => this.#checkNow());
  }

  /** The file was found to differ from what was published, and is about to be restored. */
  tampered(what: readonly Deviation[]): void {
    const known = this.#episode?.what ?? [];
    const fresh = what.filter((deviation) => !known.includes(deviation));
    const all = [...known, ...fresh];
    this.#episode = {
      what: all,
      restores: (this.#episode?.restores ?? 0) + 1,
      lastAt: this.#parts.clock.now(),
    };
    if (fresh.length > 0) this.#parts.onTampered(all);
  }

  close(): void {
    this.#closed = true;
    this.#cancelAudit();
    this.#cancelCheck?.();
  }

  #checkNow(): void {
    this.#cancelCheck = null;
    void this.#parts.recheck();
  }

  async #audit(): Promise<void> {
    const ours = await this.#parts.recheck();
    if (this.#closed) return;
    if (ours && this.#isCalm()) {
      this.#episode = null;
      this.#parts.onRestored();
    }
    this.start();
  }

  #isCalm(): boolean {
    return this.#episode !== null && elapsedMs(this.#episode.lastAt, this.#parts.clock.now()) >= calmMs;
  }
}
