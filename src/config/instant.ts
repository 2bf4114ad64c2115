import * as v from 'valibot';
import { expected } from './messages.ts';
import { published } from './section.ts';

const pattern = String.raw`^\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])[Tt ]([01]\d|2[0-3])(:[0-5]\d){2}(\.\d{1,9})?([Zz]|[+-]([01]\d|2[0-3]):[0-5]\d)$`;

/** A point in time as RFC 3339 writes it, with its zone. Comes out as epoch milliseconds. */
export function instant() {
  const what = 'a time with its zone, such as 2027-01-31T00:00:00Z';
  return v.pipe(
    v.string(expected(what)),
    v.rawTransform(({ dataset, addIssue, NEVER }) => {
      const text = dataset.value;
      const isWhole = new RegExp(pattern).test(text);
      if (isWhole && isDay(text.slice(0, 10))) return Date.parse(text.toUpperCase().replace(' ', 'T'));
      addIssue({ message: isWhole ? 'the calendar has no such day' : `expected ${what}${advice(text)}` });
      return NEVER;
    }),
    published({ pattern }),
  );
}

/** Such as the 30th of February, which `Date` takes for one of March. */
function isDay(date: string): boolean {
  const day = new Date(`${date}T00:00:00Z`);
  return Number.isFinite(day.getTime()) && day.toISOString().startsWith(date);
}

function advice(text: string): string {
  return /^\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d(:\d\d(\.\d+)?)?$/.test(text)
    ? '; this one names no zone: add Z for UTC, or an offset such as +02:00'
    : '';
}
