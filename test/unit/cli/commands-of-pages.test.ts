import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parseCommandLine } from '../../../src/cli/command-line.ts';
import { stepsOf } from '../../e2e/operations/walk-through.ts';

/** Pages with commands for many hosts or a cluster, which no test can run as a whole: every one of ours is understood all the same. */

const folder = join(import.meta.dirname, '../../../docs');
const pages = ['fleet.md', 'kubernetes.md'].map(
  (name) => [name, readFileSync(join(folder, name), 'utf8')] as const,
);

/** The arguments behind each `tokenward` that stands where a command does, up to what belongs to the shell. */
function commandLines(script: string): readonly (readonly string[])[] {
  const lines = script.replaceAll('\\\n', ' ').split('\n');
  return lines.flatMap((line) =>
    [...line.matchAll(/(?:^\s*|\|\| |-- )tokenward ([^|<>;&]*)/g)].map(([, words = '']) =>
      words
        .trim()
        .split(/\s+/)
        .map((word) => word.replaceAll('"', '')),
    ),
  );
}

describe.each(pages)('docs/%s', (name, page) => {
  const lines = stepsOf(page).flatMap(({ commands }) => commandLines(commands));

  it('has commands that tokenward understands', async () => {
    expect(lines.length).toBeGreaterThan(1);
    for (const line of lines) {
      const command = await parseCommandLine(line, 'test').catch((error: Error) => error.message);
      expect(command, `${name}: tokenward ${line.join(' ')}`).toBeTypeOf('function');
    }
  });

  it('links to pages and folders that are there', () => {
    const links = [...page.matchAll(/\]\(([\w./-]+)(?:#[\w-]+)?\)/g)].map(([, path = '']) => path);
    expect(links.length).toBeGreaterThan(3);
    expect(links.filter((path) => !existsSync(join(folder, path)))).toEqual([]);
  });
});
