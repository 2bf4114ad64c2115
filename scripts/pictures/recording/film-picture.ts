import { box, element, escaped, svg, words } from '../svg.ts';
import type { Film, Run } from './film.ts';
import type { Look, Span } from './styled-line.ts';

/** A film as an SVG that plays by itself: CSS only, so that it plays as an image too. It shows its end where nothing may move. */

export interface FilmOptions {
  readonly columns: number;
  readonly rows: number;
  /** In the bar of the window. */
  readonly name: string;
  readonly title: string;
  readonly description: string;
}

const letter = { width: 7.8, height: 18, size: 13 } as const;
const margin = 14;
const barHeight = 30;
const captionHeight = 30;

export function filmPicture(film: Film, options: FilmOptions): string {
  const { columns, rows, name, title, description } = options;
  const width = Math.ceil(columns * letter.width + 2 * margin);
  const screenY = barHeight + 8;
  const screenHeight = rows * letter.height;
  const hasCaptions = film.frames.some(({ caption }) => caption !== '');
  const height = screenY + screenHeight + 12 + (hasCaptions ? captionHeight : 0);
  const groups = Map.groupBy(film.runs, ({ from, until }) => `f${from}-${until}`);
  const screen = element(
    'svg',
    { x: margin, y: screenY, width: width - 2 * margin, height: screenHeight },
    element('g', { class: 'page' }, '\n', ...[...groups].map(([id, runs]) => `${shown(id, runs, film)}\n`)),
  );
  return svg({
    width,
    height,
    title,
    description,
    style: [style, keyframes(film, [...groups.keys()])].join('\n'),
    body: [
      box([0.5, 0.5, width - 1, height - 1], 'window', { rx: 8 }),
      ...[0, 1, 2].map((nth) =>
        element('circle', { cx: margin + 6 + nth * 16, cy: 16, r: 5, class: 'button' }),
      ),
      words(width / 2, 20, 'name', name, { 'text-anchor': 'middle' }),
      screen,
      ...(hasCaptions ? captions(film, [margin, height - 14]) : []),
    ],
  });
}

/** Runs that come and go together. */
function shown(id: string, runs: readonly Run[], film: Film): string {
  const atTheEnd = runs[0]?.until === film.frames.length;
  const texts = runs.flatMap(({ row, line }) => line.flatMap((span) => spanWords(span, row)));
  return element('g', { class: atTheEnd ? id : `${id} past` }, ...texts);
}

/** Each word group at its column, whatever font is there. */
function spanWords({ column, text, look }: Span, row: number): readonly string[] {
  const kind = classOf(look);
  return [...text.matchAll(/\S+(?: \S+)*/g)].map((match) =>
    element(
      'text',
      {
        x: (column + match.index) * letter.width,
        y: row * letter.height + letter.size,
        textLength: match[0].length * letter.width,
        lengthAdjust: 'spacingAndGlyphs',
        ...(kind !== '' && { class: kind }),
      },
      escaped(match[0]),
    ),
  );
}

function classOf({ bold, faint, colour }: Look): string {
  return [bold ? 'b' : '', faint ? 'd' : '', colour === null ? '' : `c${colour}`].filter(Boolean).join(' ');
}

function captions({ frames }: Film, [x, y]: readonly [number, number]): readonly string[] {
  return captionRuns(frames).map(({ caption, from, until }) => {
    const id = `f${from}-${until}`;
    return words(x, y, `caption ${until === frames.length ? id : `${id} past`}`, caption);
  });
}

function captionRuns(frames: Film['frames']) {
  const starts = frames.flatMap(({ caption }, index) =>
    caption === frames[index - 1]?.caption ? [] : [index],
  );
  return starts.map((from, nth) => ({
    caption: frames[from]?.caption ?? '',
    from,
    until: starts[nth + 1] ?? frames.length,
  }));
}

/** When each group is to be seen, and how far the page has moved. */
function keyframes(film: Film, groups: readonly string[]): string {
  const { frames, totalMs } = film;
  const percent = (index: number): string =>
    `${Math.round(((frames[index]?.atMs ?? totalMs) / totalMs) * 100_000) / 1_000}%`;
  const ids = new Set([...groups, ...captionRuns(frames).map(({ from, until }) => `f${from}-${until}`)]);
  const seen = [...ids].map((id) => {
    const [from = 0, until = 0] = id.slice(1).split('-').map(Number);
    const steps = [
      ...(from > 0 ? ['0%{visibility:hidden}'] : []),
      `${percent(from)}{visibility:visible}`,
      ...(until < frames.length ? [`${percent(until)}{visibility:hidden}`] : []),
    ];
    return `@keyframes ${id}{${steps.join('')}100%{${until < frames.length ? 'visibility:hidden' : 'visibility:visible'}}}\n.${id}{animation-name:${id}}`;
  });
  const moves = frames
    .map(({ top }, index) => ({ top, index }))
    .filter(({ top, index }) => index === 0 || top !== frames[index - 1]?.top)
    .map(({ top, index }) => `${percent(index)}{transform:translateY(${-top * letter.height}px)}`);
  const last = `translateY(${-(frames.at(-1)?.top ?? 0) * letter.height}px)`;
  return [
    `@keyframes page{${moves.join('')}100%{transform:${last}}}`,
    `.page{transform:${last};animation-name:page}`,
    ...seen,
    `.page,.page g,.caption{animation-duration:${totalMs}ms;animation-timing-function:step-end;animation-iteration-count:infinite}`,
    '@media (prefers-reduced-motion:reduce){.page,.page g,.caption{animation:none}}',
  ].join('\n');
}

/** A dark terminal, on light and on dark pages. */
const style = `
text{font:${letter.size}px ui-monospace,SFMono-Regular,Menlo,Consolas,'DejaVu Sans Mono',monospace;fill:#d6dde6}
.window{fill:#12161c;stroke:#3d444d}
.button{fill:#3d444d}
.name{fill:#9198a1;font-family:ui-sans-serif,system-ui,'Segoe UI',Helvetica,Arial,sans-serif}
.caption{fill:#79c0ff}
.past{visibility:hidden}
.b{font-weight:700;fill:#fff}
.d,.c8{fill:#8b949e}
.c1,.c9{fill:#ff7b72}
.c2,.c10{fill:#56d364}
.c3,.c11{fill:#e3b341}
.c4,.c12{fill:#79c0ff}
.c5,.c13{fill:#d2a8ff}
.c6,.c14{fill:#76e3ea}`;
