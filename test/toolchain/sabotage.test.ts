import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { bugs } from '../sabotage/bugs.ts';

/** `npm run sabotage` takes minutes; that its bugs can still be put in is shown here. */

describe('a bug that is put in on purpose', () => {
  it.each(bugs)('has its one place in the source: $name', ({ file, find }) => {
    const text = readFileSync(join(import.meta.dirname, '../..', file), 'utf8');
    expect(text.split(find)).toHaveLength(2);
  });
});
