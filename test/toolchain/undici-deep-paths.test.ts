/**
 * The daemon loads single files of undici, because the whole package costs it 5 MiB and 100 ms more. Those paths are not
 * part of undici's public surface, so an upgrade may move them: this says so before a user does.
 */
import { globSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import * as undici from 'undici';
import { describe, expect, it } from 'vitest';

const source = join(import.meta.dirname, '../../src');
const require = createRequire(import.meta.url);

/** Every deep path that src/ imports, and the name under which the package itself exports the same thing. */
const deepPaths: Readonly<Record<string, unknown>> = {
  'undici/lib/dispatcher/client.js': undici.Client,
};

describe('undici by deep import', () => {
  it('is what this test knows of', () => {
    const texts = globSync('**/*.ts', { cwd: source }).map((path) =>
      readFileSync(join(source, path), 'utf8'),
    );
    const imported = texts.flatMap((text) =>
      [...text.matchAll(/'(undici\/lib\/[^']+)'/g)].map(([, path]) => path),
    );
    expect(new Set(imported)).toEqual(new Set(Object.keys(deepPaths)));
  });

  it.each(Object.entries(deepPaths))('%s is the same thing as in the package', (path, publicExport) => {
    expect(require(path)).toBe(publicExport);
  });
});
