import type { MemoryDisk } from './memory-disk.ts';

/** Every state in which a power cut now may leave the disk: all sequences of choices that {@link MemoryDisk.crash} offers. */
export function* powerCuts(disk: MemoryDisk): Generator<MemoryDisk> {
  const toTry: number[][] = [[]];
  for (let given = toTry.pop(); given !== undefined; given = toTry.pop()) {
    const taken = [...given];
    const fixed = given.length;
    let asked = 0;
    yield disk.crash((options) => {
      const index = asked++;
      if (index >= fixed) {
        for (let other = 1; other < options; other++) toTry.push([...taken, other]);
        taken.push(0);
      }
      return taken[index] ?? 0;
    });
  }
}
