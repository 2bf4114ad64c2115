import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseConfig } from '../../src/config/parse.ts';
import { TokenwardError } from '../../src/domain/errors.ts';

const isPlaced = (line: string) => /^\/c\.yaml:[1-9]\d*:[1-9]\d*: [ -~]+$/.test(line);

/** True where the text is a configuration or is refused as one, with a place for every problem. */
function isJudged(text: string): boolean {
  try {
    parseConfig(text, '/c.yaml', { SET: 'x' });
    return true;
  } catch (error) {
    if (!(error instanceof TokenwardError)) throw error;
    return error.code === 'CONFIG_INVALID' && error.message.split('\n').every(isPlaced);
  }
}

const words = (text: string) => text.split(' ');

const keys = fc.constantFrom(
  '',
  'a\nb',
  ...words(
    'state_dir log agents listeners a url tls ttl refresh secret store files hooks unix tcp allow user may mode',
  ),
  ...words('__proto__ constructor toString ${SET}'),
);
const values = fc.oneof(
  fc.constantFrom<unknown>(null, 0, -1, true, ...words('file https://a /x 1h ${SET} ${UNSET} 127.0.0.1:1')),
  fc.jsonValue({ maxDepth: 2 }),
);
const trees = fc.letrec((tie) => ({
  tree: fc.oneof(
    { maxDepth: 5 },
    values,
    fc.dictionary(keys, tie('tree'), { maxKeys: 6 }),
    fc.array(tie('tree'), { maxLength: 4 }),
  ),
})).tree;
const fragments = fc.constantFrom(
  ...words('agents: a: secret: listeners: \' " { } [ ] , # &a *a !!set | > ? ${SET} 0640 \0 \uFEFF'),
  'store: file',
  'unix: /x',
  '<<: *a',
  '- ',
  '  ',
  '\n',
  '\n  ',
  '\t',
  ': ',
  '---\n',
  '%YAML 1.1\n',
);

function judged(text: string): void {
  expect(isJudged(text)).toBe(true);
}

describe('whatever stands in the file, it is accepted or refused with places', () => {
  it('any text', () => {
    fc.assert(fc.property(fc.string({ unit: 'binary', maxLength: 200 }), judged));
  });

  it('pieces of YAML', () => {
    const texts = fc.array(fragments, { maxLength: 40 }).map((pieces) => pieces.join(''));
    fc.assert(fc.property(texts, judged), { numRuns: 500 });
  });

  it('any tree, written as JSON', () => {
    const texts = trees.map((tree) => JSON.stringify(tree));
    fc.assert(fc.property(texts, judged), { numRuns: 500 });
  });
});
