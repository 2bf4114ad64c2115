/** The known word that a mistyped one most likely meant, for "did you mean"; null where none is close. */
export function nearest(word: string, known: readonly string[]): string | null {
  const wanted = plain(word);
  const ranked = known
    .map((candidate) => ({ candidate, distance: distance(wanted, plain(candidate)) }))
    .toSorted((a, b) => a.distance - b.distance);
  const best = ranked[0];
  if (best !== undefined && best.distance <= Math.max(1, Math.floor(wanted.length / 3)))
    return best.candidate;
  return known.find((candidate) => isPartOf(wanted, plain(candidate))) ?? null;
}

/** `cert` for `cert_file`, or `warning` for `warn`. */
function isPartOf(wanted: string, known: string): boolean {
  return wanted !== '' && (known.startsWith(`${wanted}_`) || wanted.startsWith(known));
}

/** `stateDir`, `state-dir` and `State_Dir` are all meant as `state_dir`. */
function plain(word: string): string {
  return word
    .replaceAll(/([a-z])([A-Z])/g, '$1_$2')
    .replaceAll('-', '_')
    .toLowerCase()
    .slice(0, 64);
}

/** Edits between two words, two swapped neighbours counting as one (optimal string alignment distance). */
function distance(a: string, b: string): number {
  let beforePrevious: number[] = [];
  let previous = Array.from({ length: b.length + 1 }, (_, column) => column);
  for (let row = 1; row <= a.length; row += 1) {
    const current = [row];
    for (let column = 1; column <= b.length; column += 1) {
      const cost = a[row - 1] === b[column - 1] ? 0 : 1;
      const swapped = row > 1 && column > 1 && a[row - 1] === b[column - 2] && a[row - 2] === b[column - 1];
      current[column] = Math.min(
        previous[column]! + 1,
        current[column - 1]! + 1,
        previous[column - 1]! + cost,
        swapped ? beforePrevious[column - 2]! + 1 : Infinity,
      );
    }
    beforePrevious = previous;
    previous = current;
  }
  return previous[b.length]!;
}
