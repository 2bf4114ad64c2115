import { expect, it } from 'vitest';
import { fitting } from '../../../src/cli/demo/narrator.ts';
import { terminalStyle } from '../../../src/cli/terminal-style.ts';

const style = (columns?: number) => terminalStyle({ isTTY: columns !== undefined, columns }, {});

it('what the demo says is broken between words where it does not fit, and left alone elsewhere', () => {
  const line = 'export A=1   keeps its  blanks';
  expect(fitting(line, style(34), 4)).toEqual([line]);
  expect(fitting(line, style(33), 4)).toEqual(['export A=1 keeps its blanks']);
  expect(fitting(line, style(20), 4)).toEqual(['export A=1 keeps', 'its blanks']);
  expect(fitting(line.repeat(9), style(), 4)).toEqual([line.repeat(9)]);
});
