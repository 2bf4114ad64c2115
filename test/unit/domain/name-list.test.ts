import { describe, expect, it } from 'vitest';
import { parseNameList } from '../../../src/domain/name-list.ts';

describe('a list of names', () => {
  it('has one a line, with comments, blank lines and the line ends of Windows', () => {
    expect(parseNameList('# of March\na\r\n\n  b b  \n\t# and\nc#1')).toEqual({
      names: ['a', 'b b', 'c#1'],
      repeated: 0,
      done: 0,
      flaws: [],
    });
  });

  it('has each name once, and tells how many came again', () => {
    expect(parseNameList('a\nb\na\na\n')).toMatchObject({ names: ['a', 'b'], repeated: 2 });
  });

  it('takes of what a run printed only what is still to be done', () => {
    const printed = [
      'a\tmarked for deletion',
      'b\tfailed: the server did not say',
      'c\tnot sent',
      'd\trevoked',
      'e\tfailed:',
    ];
    expect(parseNameList(printed.join('\n'))).toEqual({
      names: ['b', 'c', 'e'],
      repeated: 0,
      done: 2,
      flaws: [],
    });
  });

  it.each([
    ['a\tgone', 'has a tab in it, and behind that no result of a revocation'],
    ['\tnot sent', 'has no name in it'],
    ['a\u001b[31m', 'has a control character in it'],
    ['x'.repeat(513), 'is longer than the 512 characters that a name may have'],
  ])('has a flaw in %j', (line, flaw) => {
    expect(parseNameList(`ok\n\n${line}\n`)).toMatchObject({ names: ['ok'], flaws: [{ line: 3, flaw }] });
  });
});
