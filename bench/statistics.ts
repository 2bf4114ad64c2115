/** The value below which the given share of the samples lies, by the nearest rank. `samples` has at least one. */
export function quantile(samples: readonly number[], share: number): number {
  const ascending = samples.toSorted((a, b) => a - b);
  const rank = Math.max(1, Math.ceil(share * ascending.length));
  return ascending[rank - 1] ?? Number.NaN;
}

/** Half-way between the two in the middle where there are two. */
export function median(samples: readonly number[]): number {
  const ascending = samples.toSorted((a, b) => a - b);
  const middle = ascending.length / 2;
  const upper = ascending[Math.floor(middle)] ?? Number.NaN;
  const lower = ascending[Math.ceil(middle) - 1] ?? Number.NaN;
  return (lower + upper) / 2;
}
