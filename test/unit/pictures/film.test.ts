import { describe, expect, it } from 'vitest';
import { cleaner } from '../../../scripts/pictures/recording/clean.ts';
import { filmOf, type Frame } from '../../../scripts/pictures/recording/film.ts';
import { styledLines, textOf } from '../../../scripts/pictures/recording/styled-line.ts';

function frame(...lines: readonly string[]): Frame {
  return { lines: styledLines(lines.join('\n')), caption: '' };
}

/** Row, text, and the frames in which it is there. */
function runsOf(...frames: readonly Frame[]) {
  const { runs } = filmOf(frames);
  return runs.map(({ row, line, from, until }) => `${row} ${textOf(line)} ${from}-${until}`).toSorted();
}

/** What a frame of a film shows, from its runs. */
function screenAt(frames: readonly Frame[], index: number, rows: number): readonly string[] {
  const film = filmOf(frames);
  const top = film.frames[index]?.top ?? 0;
  return Array.from({ length: rows }, (_, row) => {
    const there = film.runs.filter((run) => run.row === top + row && run.from <= index && index < run.until);
    return there.map(({ line }) => textOf(line)).join('|');
  });
}

describe('a film', () => {
  it('keeps a line once, as long as it stands', () => {
    expect(runsOf(frame('a', 'b'), frame('a', 'c'), frame('a', 'c', 'd'))).toEqual([
      '0 a 0-3',
      '1 b 0-1',
      '1 c 1-3',
      '2 d 2-3',
    ]);
  });

  it('moves the page where the screen scrolls, and keeps what went by', () => {
    const frames = [
      frame('one', 'two', 'three'),
      frame('two', 'three', 'four'),
      frame('four', 'five', 'six'),
    ];
    expect(runsOf(...frames)).toEqual([
      '0 one 0-3',
      '1 two 0-3',
      '2 three 0-3',
      '3 four 1-3',
      '4 five 2-3',
      '5 six 2-3',
    ]);
    expect(filmOf(frames).frames.map(({ top }) => top)).toEqual([0, 1, 3]);
  });

  it('shows each frame as it was', () => {
    const frames = [
      frame('head', '', 'x 1', 'y 1'),
      frame('head', '', 'x 1', 'y 2'),
      frame('other'),
      frame('head', '', 'x 1', 'y 2'),
      frame('', 'x 1', 'y 2', 'z'),
    ];
    for (const [index, { lines }] of frames.entries()) {
      const wanted = Array.from({ length: 4 }, (_, row) => textOf(lines[row] ?? []));
      expect(screenAt(frames, index, 4)).toEqual(wanted);
    }
  });

  it('lasts as long as its words take to read', () => {
    const short = filmOf([frame('a'), frame('b')]);
    const long = filmOf([frame('a'.repeat(200)), frame('b')]);
    expect(long.totalMs).toBeGreaterThan(short.totalMs);
    expect(short.frames.map(({ atMs }) => atMs)).toEqual([0, 364]);
  });
});

it('reads colours, over the end of a line too, and refuses what it could not show', () => {
  const [first, second] = styledLines(
    '\u001B[1mbold\u001B[0m \u001B[32mgreen\nstill\u001B[39m\u001B[49m plain',
  );
  expect(first).toEqual([
    { column: 0, text: 'bold', look: { bold: true, faint: false, colour: null } },
    { column: 4, text: ' ', look: { bold: false, faint: false, colour: null } },
    { column: 5, text: 'green', look: { bold: false, faint: false, colour: 2 } },
  ]);
  expect(second?.map(({ text, look: { colour } }) => [text, colour])).toEqual([
    ['still', 2],
    [' plain', null],
  ]);
  expect(() => styledLines('\u001B[48;5;1mred ground')).toThrow('SGR code 48');
});

it('takes paths, ports, processes and times out of a screen', () => {
  const clean = cleaner(new Date('2026-05-06T22:58:00Z'));
  expect(clean('web-02  valid 9m58s (23:08)\nuntil 2026-05-06T23:08:59Z; since 00:01 (1s ago)')).toBe(
    'web-02  valid 9m58s (09:51)\nuntil 2027-01-31T09:51:59Z; since 10:44 (1s ago)',
  );
  expect(clean('Process 12345 at https://127.0.0.1:40123 in /tmp/tokenward-demo-aB3dEf/x')).toBe(
    'Process 4711 at https://127.0.0.1:8443 in /tmp/tokenward-demo/x',
  );
});
