import * as v from 'valibot';
import { parseDuration } from '../domain/duration.ts';
import { expected } from './messages.ts';
import { published } from './section.ts';

interface DurationRange {
  readonly from: string;
  readonly to: string;
  /** What a plain 0 stands for, where it may stand. */
  readonly zero?: string;
}

/** As `parseDuration` reads them. */
const durationPattern = String.raw`^(\d{1,12}(ms|[smhd]))+$`;

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
    published({ pattern: durationPattern }),
  );
}

function milliseconds(text: string): number {
  const ms = parseDuration(text);
  if (ms === null) throw new RangeError(`not a duration: ${text}`);
  return ms;
}
