import { isAbsolute } from 'node:path';
import * as v from 'valibot';
import { expected } from './messages.ts';

/** A program with its arguments, which is started without a shell. `example` is one in YAML. */
export function command(example: string) {
  const what = `a command and its arguments, such as ${example}`;
  const program = 'begins with the absolute path of a program; no shell is there to look for it';
  return v.pipe(
    v.array(v.pipe(v.string(expected('text')), v.regex(/^[^\0]*$/, expected('text'))), expected(what)),
    v.minLength(1, `is empty; expected ${what}`),
    v.check(([first]) => first === undefined || isAbsolute(first), program),
  );
}
