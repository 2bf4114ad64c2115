/**
 * Takes events one at a time, in their order: one that comes while another is taken waits for its end. Where taking one throws,
 * its caller hears of it, and no other is taken from then on.
 */
export class EventQueue<Event> {
  readonly #waiting: Event[] = [];
  readonly #take: (event: Event) => void;
  #busy = false;

  constructor(take: (event: Event) => void) {
    this.#take = take;
  }

  /** Returns true when no event is left, and false where one is being taken. */
  add(event: Event): boolean {
    this.#waiting.push(event);
    if (this.#busy) return false;
    this.#busy = true;
    for (let next = this.#waiting.shift(); next !== undefined; next = this.#waiting.shift()) this.#take(next);
    this.#busy = false;
    return true;
  }
}
