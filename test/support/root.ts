import { describe } from 'vitest';
import { partsRequired } from './part-list.ts';

/** Users and groups that no system has entries for: the kernel knows numbers only. */
export const strangers = { alice: 12_345, bob: 12_346, carol: 12_347 } as const;

export const isRoot = process.geteuid?.() === 0;

/** A `describe` that becomes other users, which only root may. */
export function describeRoot(title: string, body: () => void): void {
  // in CI a skip would be seen by nobody: there it fails
  if (isRoot || partsRequired) describe(title, body);
  else describe.skip(`${title} (needs root: sudo npm test)`, body);
}
