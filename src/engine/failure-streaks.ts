import { elapsedMs, type Stamp } from '../domain/stamp.ts';

/** What is tried again and again until it works, each kind with an end of its own. */
export type StreakName = 'exchange' | 'store' | 'save' | 'raw';

interface Streak {
  readonly since: Stamp;
  count: number;
  /** How often each kind of failure was met. */
  readonly kinds: Map<string, number>;
}

/**
 * Tells which failures of one agent are news: the first of its kind in a row of failures. The others say the same again, hour
 * after hour where a server is away; that they go on is told by the alert that stands. A row that changes between two kinds, as
 * behind a load balancer, has no more than two of them.
 */
export class FailureStreaks {
  readonly #streaks = new Map<StreakName, Streak>();

  /** How often this kind was met in this row, with this time; 1 = it is news. */
  add(name: StreakName, kind: string, now: Stamp): number {
    const streak = this.#streaks.get(name) ?? { since: now, count: 0, kinds: new Map<string, number>() };
    this.#streaks.set(name, streak);
    const met = (streak.kinds.get(kind) ?? 0) + 1;
    streak.kinds.set(kind, met);
    streak.count += 1;
    return met;
  }

  /** It worked. Gives the length of the row that ended, and its milliseconds; null where there was none. */
  end(name: StreakName, now: Stamp): { readonly failures: number; readonly failingMs: number } | null {
    const streak = this.#streaks.get(name);
    this.#streaks.delete(name);
    return streak === undefined
      ? null
      : { failures: streak.count, failingMs: Math.round(elapsedMs(streak.since, now)) };
  }
}
