import * as v from 'valibot';
import { expected } from './messages.ts';
import { published } from './section.ts';

const units: Readonly<Record<string, number>> = { KiB: 1024, MiB: 1024 ** 2, GiB: 1024 ** 3 };

/** A number of bytes with its unit, from `from` to `to`, both included. Comes out in bytes. */
export function byteSize({ from, to }: { readonly from: string; readonly to: string }) {
  const what = 'a size with its unit, such as 512KiB or 16MiB';
  const least = bytes(from) ?? 0;
  const most = bytes(to) ?? Infinity;
  return v.pipe(
    v.string(expected(what)),
    v.rawTransform(({ dataset, addIssue, NEVER }) => {
      const size = bytes(dataset.value);
      if (size !== null && size >= least && size <= most) return size;
      addIssue({ message: size === null ? `expected ${what}` : `must be ${from} to ${to}` });
      return NEVER;
    }),
    published({ pattern: String.raw`^\d{1,9}(KiB|MiB|GiB)$` }),
  );
}

function bytes(text: string): number | null {
  const [, digits, unit] = /^(\d{1,9})(KiB|MiB|GiB)$/.exec(text) ?? [];
  return digits === undefined || unit === undefined ? null : Number(digits) * (units[unit] ?? Number.NaN);
}
