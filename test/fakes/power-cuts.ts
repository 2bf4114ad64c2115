import type { MemoryDisk } from './memory-disk.ts';

/** What came out of one sequence of choices. */
export interface Chosen<Outcome> {
  readonly choices: readonly number[];
  readonly outcome: Outcome;
}

/** Everything that can come out of `make`, which asks `choose(n)` for 0..n-1 wherever it is not decided how it goes on. */
export function* everyChoice<Outcome>(
  make: (choose: (options: number) => number) => Outcome,
): Generator<Chosen<Outcome>> {
  const toTry: number[][] = [[]];
  for (let given = toTry.pop(); given !== undefined; given = toTry.pop()) {
    const choices = [...given];
    const fixed = given.length;
    let asked = 0;
    const outcome = make((options) => {
      const index = asked++;
      if (index >= fixed) {
        for (let other = 1; other < options; other++) toTry.push([...choices, other]);
        choices.push(0);
      }
      return choices[index] ?? 0;
    });
    yield { choices, outcome };
  }
}

/** Every state in which a power cut now may leave the disk: all sequences of choices that {@link MemoryDisk.crash} offers. */
export function* powerCuts(disk: MemoryDisk): Generator<MemoryDisk> {
  for (const { outcome } of everyChoice((choose) => disk.crash(choose))) yield outcome;
}
