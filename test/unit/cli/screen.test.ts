import { expect, it } from 'vitest';
import { Screen } from '../../../src/cli/status/screen.ts';

function screenOf(columns: number, rows: number) {
  const writes: string[] = [];
  const screen = new Screen({ write: (text) => void writes.push(text), size: () => ({ columns, rows }) });
  return { screen, writes };
}

it('writes a frame at once, over the last one, and only where it differs', () => {
  const { screen, writes } = screenOf(20, 5);
  screen.open();
  screen.draw(['one', 'two']);
  screen.draw(['one', 'two']);
  screen.draw(['one', 'three']);
  expect(writes.slice(1)).toEqual([
    '\u001B[Hone\u001B[K\r\ntwo\u001B[K\r\n\u001B[J',
    '\u001B[Hone\u001B[K\r\nthree\u001B[K\r\n\u001B[J',
  ]);
});

it('never clears what it has just written in the last column, nor scrolls in the last row', () => {
  const { screen, writes } = screenOf(3, 2);
  screen.open();
  screen.draw(['abc', '\u001B[31mdef\u001B[39m']);
  expect(writes[1]).toBe('\u001B[Habc\r\n\u001B[31mdef\u001B[39m');
});

it('draws the same frame again over what others wrote', () => {
  const { screen, writes } = screenOf(20, 5);
  screen.open();
  screen.draw(['one']);
  screen.forget();
  screen.draw(['one']);
  expect(writes[2]).toBe(writes[1]);
});

it('gives the terminal back once, with its cursor, and draws no more', () => {
  const { screen, writes } = screenOf(20, 5);
  screen.close();
  screen.open();
  screen.close();
  screen.close();
  screen.draw(['late']);
  expect(writes).toEqual(['\u001B[?1049h\u001B[?25l\u001B[?7l', '\u001B[?7h\u001B[?25h\u001B[?1049l']);
});
