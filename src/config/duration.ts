import * as v from 'valibot';
import { expected } from './messages.ts';

const unitMs = { d: 86_400_000, h: 3_600_000, m: 60_000, s: 1000, ms: 1 } as const;

interface DurationRange {
  readonly from: string;
  readonly to: string;
  /** What a plain 0 stands for, where it may stand. */
  readonly zero?: string;
}

/** A duration with its unit, from `from` to `to`, both included. Comes out in milliseconds. */
export function duration(range: DurationRange) {
  const from = milliseconds(range.from);
  const to = milliseconds(range.to);
  const what = 'a duration with its unit, such as 500ms, 30s or 1h30m';
  return v.pipe(
    v.union([v.string(expected(what)), ...(range.zero === undefined ? [] : [v.literal(0)])], expected(what)),
    v.rawTransform(({ dataset, addIssue, NEVER }) => {
      const ms = dataset.value === 0 ? 0 : parseDuration(dataset.value);
      if (ms === 0 && range.zero !== undefined) return milliseconds(range.zero);
      if (ms !== null && ms >= from && ms <= to) return ms;
      addIssue({ message: ms === null ? `expected ${what}` : `must be ${range.from} to ${range.to}` });
      return NEVER;
    }),
  );
}

/** Milliseconds of a text such as `500ms`, `25s`, `180d` or `1h30m`; null where it is no duration. */
export function parseDuration(text: string): number | null {
  if (!/^(\d+(ms|[smhd]))+$/.test(text)) return null;
  const parts = [...text.matchAll(/(\d+)(ms|[smhd])/g)];
  return parts.reduce((sum, [, count, unit]) => sum + Number(count) * unitMs[unit as keyof typeof unitMs], 0);
}

/** The shortest text for it: 90000 is `90s`, 86400000 is `1d`. */
export function formatDuration(ms: number): string {
  const [unit, size] = Object.entries(unitMs).find(([, length]) => ms >= length && ms % length === 0) ?? [
    'ms',
    1,
  ];
  return `${ms / size}${unit}`;
}

function milliseconds(text: string): number {
  const ms = parseDuration(text);
  if (ms === null) throw new RangeError(`not a duration: ${text}`);
  return ms;
}
