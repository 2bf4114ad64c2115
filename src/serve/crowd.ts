import type { Clock } from '../ports/clock.ts';

/** So many at one time leave memory behind that is worth a pause to get back. */
const crowdSize = 1000;

/** A crowd has gone when no more than this share of it is left. */
const restShare = 0.25;

/** Clients that ask again and again are away for a moment after every answer; only who stays away has gone. Milliseconds. */
const quietMs = 3000;

/** Notices when many clients were here and have gone. */
export class Crowd {
  readonly #clock: Clock;
  readonly #onGone: () => void;
  #present = 0;
  #most = 0;
  #looksAgain = false;

  /** `onGone` is called once for each crowd. */
  constructor(clock: Clock, onGone: () => void) {
    this.#clock = clock;
    this.#onGone = onGone;
  }

  came(): void {
    this.#present += 1;
    this.#most = Math.max(this.#most, this.#present);
  }

  left(): void {
    this.#present -= 1;
    if (this.#looksAgain || !this.#isGone()) return;
    this.#looksAgain = true;
    this.#clock.after(quietMs, () => this.#lookAgain());
  }

  #lookAgain(): void {
    this.#looksAgain = false;
    if (!this.#isGone()) return;
    this.#most = this.#present;
    this.#onGone();
  }

  #isGone(): boolean {
    return this.#most >= crowdSize && this.#present <= this.#most * restShare;
  }
}
