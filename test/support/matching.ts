import { expect } from 'vitest';

/** For the place of a text in what is expected: any that has this in it. */
export function matching(pattern: string | RegExp): unknown {
  return typeof pattern === 'string' ? expect.stringContaining(pattern) : expect.stringMatching(pattern);
}
