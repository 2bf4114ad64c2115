/** Who is woken next: a binary heap over plain arrays, since a hundred thousand daemons are woken some ten million times. */
export class Agenda {
  readonly #at: number[] = [];
  readonly #who: number[] = [];

  get size(): number {
    return this.#at.length;
  }

  /** Milliseconds of the next entry; there must be one. */
  get nextAt(): number {
    return this.#at[0] ?? Number.POSITIVE_INFINITY;
  }

  add(at: number, who: number): void {
    let place = this.#at.length;
    this.#at.push(at);
    this.#who.push(who);
    while (place > 0) {
      const parent = (place - 1) >> 1;
      if (!this.#isBefore(at, who, parent)) break;
      this.#move(parent, place);
      place = parent;
    }
    this.#put(place, at, who);
  }

  /** Takes the next entry out. Of those at one moment the lowest number goes first, so that a seed always tells one story. */
  take(): number {
    const who = this.#who[0];
    const at = this.#at.pop();
    const moved = this.#who.pop();
    if (who === undefined || at === undefined || moved === undefined)
      throw new RangeError('the agenda is empty');
    if (this.#at.length > 0) this.#sink(at, moved);
    return who;
  }

  #sink(at: number, who: number): void {
    const { length } = this.#at;
    let place = 0;
    for (;;) {
      let child = 2 * place + 1;
      if (child >= length) break;
      if (child + 1 < length && this.#isBefore(this.#at[child + 1]!, this.#who[child + 1]!, child))
        child += 1;
      if (this.#isBefore(at, who, child)) break;
      this.#move(child, place);
      place = child;
    }
    this.#put(place, at, who);
  }

  #isBefore(at: number, who: number, place: number): boolean {
    const other = this.#at[place]!;
    return at < other || (at === other && who < this.#who[place]!);
  }

  #move(from: number, to: number): void {
    this.#put(to, this.#at[from]!, this.#who[from]!);
  }

  #put(place: number, at: number, who: number): void {
    this.#at[place] = at;
    this.#who[place] = who;
  }
}
