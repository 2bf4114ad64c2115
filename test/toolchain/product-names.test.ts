import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { providerNames } from '../../src/providers/registry.ts';

const root = join(import.meta.dirname, '../../src');

/** Where a product's name may decide something; everybody else asks what it can do. */
const mayKnow = /^(providers\/|emulator\/|config\/products\.ts$)/;

/** A name as a value: alone between quotes. In a longer text, such as an example for a person, it decides nothing. */
const asValue = new RegExp(`(['"\`])(${providerNames.join('|')})\\1`);

function linesThatAsk(path: string, text: string): readonly string[] {
  const lines = text.split('\n').map((line, index) => ({ line, at: `${path}:${index + 1}` }));
  return mayKnow.test(path) ? [] : lines.filter(({ line }) => asValue.test(line)).map(({ at }) => at);
}

describe('a product', () => {
  it.each([
    ['domain/a.ts', `if (settings.provider === 'onezone') return;`],
    ['cli/a.ts', `case "f5-xc":`],
    ['operator.ts', 'const name = `vcf-logs`;'],
  ])('%s: %s is found', (path, line) => {
    expect(linesThatAsk(path, `\n${line}\n`)).toEqual([`${path}:2`]);
  });

  it('is not asked for its name, but for what it can do', () => {
    const paths = globSync('**/*.ts', { cwd: root });
    expect(paths.length).toBeGreaterThan(200);
    expect(paths.flatMap((path) => linesThatAsk(path, readFileSync(join(root, path), 'utf8')))).toEqual([]);
  });
});
