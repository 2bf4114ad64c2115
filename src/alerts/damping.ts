/**
 * A condition that comes and goes is told a few times and then held back until it has stood for a while. What was not told is
 * counted. Pure but for what it remembers; moments are milliseconds of the boot clock.
 */

/** So many episodes are told at once within {@link windowMs}. */
const freeEpisodes = 3;
const windowMs = 10 * 60_000;
/** How long one of the next must stand before it is told. */
export const holdMs = 60_000;

interface Course {
  /** When its last episodes began. */
  beginnings: readonly number[];
  /** Episodes since the last one that was told. */
  untold: number;
}

export class Damping {
  readonly #courses = new Map<string, Course>();

  /** An episode of `key` begins. Whether it must stand for {@link holdMs} before it is told. */
  begins(key: string, nowMs: number): boolean {
    const course = this.#courses.get(key) ?? { beginnings: [], untold: 0 };
    const recent = course.beginnings.filter((moment) => nowMs - moment < windowMs);
    course.beginnings = [...recent.slice(-freeEpisodes), nowMs];
    this.#courses.set(key, course);
    return recent.length >= freeEpisodes;
  }

  /** One ended that nobody was told of. */
  wentUntold(key: string): void {
    const course = this.#courses.get(key);
    if (course !== undefined) course.untold += 1;
  }

  /** One is told now: how many before it were not. */
  told(key: string): number {
    const course = this.#courses.get(key);
    if (course === undefined) return 0;
    const { untold } = course;
    course.untold = 0;
    return untold;
  }
}
