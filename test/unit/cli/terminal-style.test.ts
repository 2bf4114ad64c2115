import { describe, expect, it } from 'vitest';
import { paint, terminalStyle } from '../../../src/cli/terminal-style.ts';

const terminal = { isTTY: true, columns: 80 };
const utf8 = { LANG: 'C.UTF-8' };

describe('colours', () => {
  it.each([
    ['a terminal', terminal, {}, true],
    ['a pipe', {}, {}, false],
    ['NO_COLOR', terminal, { NO_COLOR: '1' }, false],
    ['NO_COLOR that is 0', terminal, { NO_COLOR: '0' }, false],
    ['an empty NO_COLOR', terminal, { NO_COLOR: '' }, true],
    ['a dumb terminal', terminal, { TERM: 'dumb' }, false],
  ])('%s: %j %j: %s', (_what, output, env, colours) => {
    const style = terminalStyle(output, env);
    expect(style.colours).toBe(colours);
    expect(paint(style, 'bad', 'x')).toBe(colours ? '\u001B[31mx\u001B[39m' : 'x');
  });
});

describe('signs', () => {
  it.each([
    [{ LANG: 'de_DE.utf8' }, '●'],
    [{ LANG: 'C.UTF-8', LC_ALL: 'C' }, '*'],
    [{ LANG: 'C', LC_CTYPE: 'en_US.UTF-8' }, '●'],
    [{ LANG: 'en_US.ISO-8859-1' }, '*'],
    [{}, '*'],
    [{ ...utf8, TERM: 'linux' }, '*'],
    [{ ...utf8, TERM: 'dumb' }, '*'],
  ])('%j: %s', (env, sign) => {
    expect(terminalStyle(terminal, env).glyphs.fine).toBe(sign);
  });
});

it.each([
  ['a pipe has no width', {}, null],
  ['a terminal has its own', terminal, 80],
  ['a terminal that tells none gets the usual one', { isTTY: true, columns: 0 }, 80],
])('%s', (_what, output, width) => {
  expect(terminalStyle(output, utf8).width).toBe(width);
});
