/**
 * Turns for users, so that whoever asks in floods waits for himself and not the others for him. All requests are handled on one thread;
 * within one turn of its loop each user gets so much done, and what goes beyond waits for the next, when everybody else's
 * requests have been looked for, too. A user who asks no more than that never meets any of this.
 */

/** null: everybody who cannot be told apart. */
type Uid = number | null;

interface Line {
  /** Steps since the last turn began. */
  done: number;
  readonly waiting: (() => void)[];
}

/** So many steps a turn for one user, or for all users who are at it together: about a millisecond's work. */
const stepsPerTurn = 64;
/** So many for each, however many users there are. */
const leastSteps = 4;

export class Turns {
  readonly #later: (run: () => void) => void;
  readonly #lines = new Map<Uid, Line>();
  #share = stepsPerTurn;
  #isPlanned = false;

  /** `later` runs what it is given after everything that is ready now. */
  constructor(later: (run: () => void) => void) {
    this.#later = later;
  }

  /** Counts one step of work for this user: true where it may be done now, else {@link Turns.wait} for it. */
  take(uid: Uid): boolean {
    const line = this.#lineOf(uid);
    if (line.done >= this.#share) return false;
    this.#count(line);
    return true;
  }

  /** Counts a step that is done in any case. */
  charge(uid: Uid): void {
    this.#count(this.#lineOf(uid));
  }

  /** Calls `go` in a later turn, after those of this user who waited before; it begins with {@link Turns.take}. */
  wait(uid: Uid, go: () => void): void {
    this.#lineOf(uid).waiting.push(go);
    this.#plan();
  }

  /** Turns begin only where somebody has used his up: the others cost nothing. */
  #count(line: Line): void {
    line.done += 1;
    if (line.done >= this.#share) this.#plan();
  }

  #plan(): void {
    if (this.#isPlanned) return;
    this.#isPlanned = true;
    this.#later(() => this.#begin());
  }

  #begin(): void {
    this.#isPlanned = false;
    for (const [uid, line] of this.#lines) {
      if (line.waiting.length === 0) this.#lines.delete(uid);
      else line.done = 0;
    }
    const lines = [...this.#lines.values()];
    this.#share = Math.max(leastSteps, Math.floor(stepsPerTurn / Math.max(1, lines.length)));
    for (const line of lines) this.#serve(line);
    if (lines.some(({ waiting }) => waiting.length > 0)) this.#plan();
  }

  #serve(line: Line): void {
    let served = 0;
    const { length } = line.waiting;
    while (served < length && line.done < this.#share) {
      line.waiting[served]?.();
      served += 1;
    }
    line.waiting.splice(0, served);
  }

  #lineOf(uid: Uid): Line {
    const known = this.#lines.get(uid);
    if (known !== undefined) return known;
    const line: Line = { done: 0, waiting: [] };
    this.#lines.set(uid, line);
    return line;
  }
}
