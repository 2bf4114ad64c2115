import type { PartName } from '../../support/part-list.ts';
import type { Place, Typed } from './place.ts';

/** One typical mistake: what a new user did, and what was typed then. What the program says to it is in `golden/NAME.txt`. */
export interface Mistake extends Typed {
  /** Also the name of the golden file: a-z and dashes. */
  readonly name: string;
  /** What is the matter: a heading of `docs/mistakes.md`. */
  readonly title: string;
  readonly exitCode: 0 | 64 | 69 | 75 | 77 | 78;
  /** What the user has changed in a configuration that works. */
  readonly edit?: readonly [from: string | RegExp, to: string];
  /** What else is wrong on this host. Resolves to what is to be undone, if anything. */
  readonly prepare?: (place: Place) => Promise<void | AsyncDisposable>;
  readonly needs?: readonly PartName[];
}
