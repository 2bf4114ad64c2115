import { describe, it } from 'vitest';
import { hasPart, installCommand, partsRequired, type PartName } from './part-list.ts';

/**
 * A `describe` that needs real programs. Where one is missing it is skipped under a title that says what would bring it;
 * in CI it fails.
 */
export function describePart(needed: readonly PartName[], title: string, body: () => void): void {
  const missing = needed.filter((name) => !hasPart(name));
  if (missing.length === 0) {
    describe(title, body);
    return;
  }
  const advice = `needs ${missing.join(', ')}: ${installCommand(missing)}`;
  if (partsRequired) {
    it(title, () => {
      throw new Error(advice);
    });
    return;
  }
  describe.skip(`${title} (${advice})`, body);
}
