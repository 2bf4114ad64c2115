/** What a measure found, as data: the table and the JSON are made of it. */

export type Unit = 'ms' | 'MiB' | 'ratio' | 'requests/s' | 'per minute';

export interface Result {
  readonly name: string;
  /** null where it could not be measured; `note` says why. */
  readonly value: number | null;
  readonly unit: Unit;
  readonly budget?: Budget;
  /** What belongs to the number: spread, size of the sample. */
  readonly note: string;
}

export type Budget = { readonly most: number } | { readonly least: number };

export type Verdict = 'met' | 'missed' | 'skipped' | 'no budget';

export function verdictOf({ value, budget }: Result): Verdict {
  if (value === null) return 'skipped';
  if (budget === undefined) return 'no budget';
  const met = 'most' in budget ? value <= budget.most : value >= budget.least;
  return met ? 'met' : 'missed';
}
