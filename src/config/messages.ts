import type { BaseIssue } from 'valibot';
import { nearest } from './nearest.ts';

/**
 * The wording of problems. A value from the file is never repeated: it stands at the position that the problem names, and
 * someone may have pasted a secret there.
 */

export type Message = (issue: Pick<BaseIssue<unknown>, 'kind' | 'input'>) => string;

/** What belongs there; and what is there instead, where that is of another kind. */
export function expected(what: string): Message {
  return ({ kind, input }) => {
    if (kind === 'validation') return `expected ${what}`;
    if (input === undefined) return `is missing; expected ${what}`;
    return input === null ? `is empty; expected ${what}` : `expected ${what}, got ${kindOf(input)}`;
  };
}

/** For a value that is none of the words that may stand there. */
export function expectedOneOf(words: readonly string[], later: readonly string[]): Message {
  const list = words.join(', ');
  const what = words.length === 1 ? list : `one of ${list}`;
  return (issue) => {
    if (typeof issue.input !== 'string') return expected(what)(issue);
    if (later.includes(issue.input))
      return `"${issue.input}" is not supported by this version; expected ${what}`;
    const meant = words.length === 1 ? null : nearest(issue.input, words);
    return `expected ${what}${meant === null ? '' : `; did you mean "${meant}"?`}`;
  };
}

const secretKeys =
  /^(value|(agent_?)?(secret|token|pass(word|wd|phrase)?|api_?key|access_?token|credentials?)(_?value)?)$/i;

export const secretAdvice =
  'secrets are never written in the configuration; hand the secret over with `tokenward import AGENT`';

/** For a key that does not belong where it stands. */
export function unknownKey(key: string, known: readonly string[], later: readonly string[]): string {
  if (later.includes(key)) return `key \`${key}\` is not supported by this version`;
  if (secretKeys.test(key)) return `unknown key; ${secretAdvice}`;
  const meant = nearest(key, known);
  return meant === null ? `unknown key; known here: ${known.join(', ')}` : misspelt(meant);
}

export function misspelt(meant: string): string {
  return `unknown key; did you mean "${meant}"?`;
}

function kindOf(input: unknown): string {
  if (Array.isArray(input)) return 'a list';
  if (typeof input === 'object') return 'a mapping';
  if (typeof input === 'boolean') return 'true or false';
  return typeof input === 'number' ? 'a number' : 'text';
}
