/**
 * Names as people and programs list them: one a line, with comments, or what an earlier run printed of each. Of that, only what
 * is still to be done is taken, so that the output of a run that did not finish is the input of the next.
 */

export interface NameList {
  /** Each once, in the order in which they came first. */
  readonly names: readonly string[];
  /** How many came again. */
  readonly repeated: number;
  /** How many an earlier run has done already. */
  readonly done: number;
  /** Lines that are no names, by their number from 1; what is in them is not repeated. */
  readonly flaws: readonly NameFlaw[];
}

export interface NameFlaw {
  readonly line: number;
  readonly flaw: string;
}

/** What stands behind a name and a tab, in the output of a revocation. */
export const doneWords = { secrets: 'revoked', credentials: 'marked for deletion' } as const;
export const failedWord = 'failed: ';
export const notSentWord = 'not sent';

/** Characters of a name. */
const longestName = 512;

export function parseNameList(text: string): NameList {
  const names = new Set<string>();
  const flaws: NameFlaw[] = [];
  let taken = 0;
  let done = 0;
  for (const [index, line] of text.split(/\r?\n/).entries()) {
    const read = readLine(line);
    if (read.kind === 'flaw') flaws.push({ line: index + 1, flaw: read.flaw });
    if (read.kind === 'done') done += 1;
    if (read.kind !== 'name') continue;
    taken += 1;
    names.add(read.name);
  }
  return { names: [...names], repeated: taken - names.size, done, flaws };
}

type Line =
  | { readonly kind: 'name'; readonly name: string }
  | { readonly kind: 'flaw'; readonly flaw: string }
  | { readonly kind: 'done' | 'nothing' };

function readLine(line: string): Line {
  if (line.trim() === '' || /^\s*#/.test(line)) return { kind: 'nothing' };
  const [name = '', ...rest] = line.split('\t');
  const result = rest.join('\t').trim();
  const flaw = nameFlaw(name.trim());
  if (flaw !== null) return { kind: 'flaw', flaw };
  if (result === '' || result === notSentWord || result.startsWith(failedWord.trim()))
    return { kind: 'name', name: name.trim() };
  if ((Object.values(doneWords) as readonly string[]).includes(result)) return { kind: 'done' };
  return { kind: 'flaw', flaw: 'has a tab in it, and behind that no result of a revocation' };
}

/** What makes a text no name; null where it may be one. */
export function nameFlaw(name: string): string | null {
  if (name === '') return 'has no name in it';
  if (name.length > longestName) return `is longer than the ${longestName} characters that a name may have`;
  return /\p{Cc}/u.test(name) ? 'has a control character in it' : null;
}
