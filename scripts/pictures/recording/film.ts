import { sameLine, textOf, type StyledLine } from './styled-line.ts';

/** Frames of a terminal, and what is the same in several of them. */

export interface Frame {
  readonly lines: readonly StyledLine[];
  /** What happens outside the terminal meanwhile; empty = nothing. */
  readonly caption: string;
}

/** A line that stands at one place of the page from one frame on, until before another. */
export interface Run {
  /** On a page as long as everything that scrolled by. */
  readonly row: number;
  readonly line: StyledLine;
  readonly from: number;
  readonly until: number;
}

export interface Film {
  readonly runs: readonly Run[];
  /** For each frame: which row of the page is the first of the screen, when it begins, milliseconds, and its caption. */
  readonly frames: readonly { readonly top: number; readonly atMs: number; readonly caption: string }[];
  readonly totalMs: number;
}

/** Milliseconds. The film does not last as long as what it shows, but as long as one needs to read it. */
const shortestMs = 350;
const longestMs = 5_000;
const perCharacterMs = 14;
const endMs = 6_000;

export function filmOf(frames: readonly Frame[]): Film {
  const runs: Run[] = [];
  let open: readonly Run[] = [];
  let top = 0;
  let atMs = 0;
  const shown = frames.map((frame, index) => {
    const before = frames[index - 1];
    if (before !== undefined) {
      top += scrolledBy(before.lines, frame.lines);
      atMs += readingMs(frames[index - 2], before);
    }
    const now = frame.lines.map((line, row) => ({ row: top + row, line, from: index, until: frames.length }));
    const visible = now.filter(({ line }) => textOf(line).trim() !== '');
    const kept = open.filter((run) => visible.some((each) => isSame(run, each)));
    // what has scrolled away above is still on the page
    const above = open.filter((run) => run.row < top && !kept.includes(run));
    const ended = open.filter((run) => !kept.includes(run) && !above.includes(run));
    runs.push(...ended.map((run) => ({ ...run, until: index })));
    open = [...above, ...kept, ...visible.filter((each) => !kept.some((run) => isSame(run, each)))];
    return { top, atMs, caption: frame.caption };
  });
  return { runs: [...runs, ...open], frames: shown, totalMs: atMs + endMs };
}

function isSame(one: Run, other: Run): boolean {
  return one.row === other.row && sameLine(one.line, other.line);
}

/** By how many rows the screen has moved up: where most of it is found again. */
function scrolledBy(before: readonly StyledLine[], after: readonly StyledLine[]): number {
  const found = before.map(
    (_line, by) =>
      after.filter((line, row) => {
        const earlier = before[row + by];
        return earlier !== undefined && textOf(line).trim() !== '' && sameLine(line, earlier);
      }).length,
  );
  return Math.max(0, found.indexOf(Math.max(...found)));
}

/** By what is new in it. */
function readingMs(before: Frame | undefined, frame: Frame): number {
  const known = new Set(before?.lines.map(textOf));
  const fresh = frame.lines.map(textOf).filter((text) => !known.has(text));
  const characters = [...fresh, before?.caption === frame.caption ? '' : frame.caption].join('').length;
  return Math.min(longestMs, shortestMs + characters * perCharacterMs);
}
