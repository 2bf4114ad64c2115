import stringWidth from 'string-width';
import { describe, expect, it } from 'vitest';
import { hangingLines, printable, wrapWords } from '../../../src/cli/wrap-words.ts';

const room = (width: number | null, breaksWords = false) => ({ width, breaksWords });

describe('wrapWords', () => {
  it.each([
    ['no limit', 'one two three', null, ['one two three']],
    ['between words', 'one two three', 8, ['one two', 'three']],
    ['exactly full lines', 'one two three', 7, ['one two', 'three']],
    ['nothing', '', 8, ['']],
    ['a command stays whole', 'then run `a b c`, or wait', 12, ['then run', '`a b c`, or', 'wait']],
    ['a command that no line holds', 'run `aaaa bbbb`', 6, ['run', '`aaaa', 'bbbb`']],
    ['a long word stays whole', 'see /a/long/path now', 6, ['see', '/a/long/path', 'now']],
  ])('%s', (_what, text, width, lines) => {
    expect(wrapWords(text, room(width))).toEqual(lines);
  });

  it('breaks a long word where the terminal must not', () => {
    expect(wrapWords('see /a/long/path now', room(6, true))).toEqual(['see', '/a/lon', 'g/path', 'now']);
  });

  it('counts columns, not characters, and breaks a script without blanks', () => {
    const lines = wrapWords('証明書の有効期限が切れました now', room(10));
    expect(lines).toEqual(['証明書の有', '効期限が切', 'れました', 'now']);
    expect(Math.max(...lines.map((line) => stringWidth(line)))).toBe(10);
  });
});

it('hangs the further lines below the first', () => {
  expect(hangingLines('  Do: ', 'one two three', room(12))).toEqual([
    '  Do: one',
    '      two',
    '      three',
  ]);
});

it('takes what steers a terminal out of a text', () => {
  expect(printable('a\u001B[2Jb\r\nc\u009Bd')).toBe('a [2Jb c d');
});
