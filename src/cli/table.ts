import stringWidth from 'string-width';
import { paint, type TerminalStyle, type Tone } from './terminal-style.ts';
import { wrapWords } from './wrap-words.ts';

/**
 * A table that fits the terminal: of several arrangements of its columns, the first whose lines are narrow enough. A cell is
 * never broken; where none fits, each row becomes a few short lines.
 */

export interface Cell {
  readonly text: string;
  readonly tone: Tone | null;
}

export interface Column<Row> {
  readonly header: string;
  readonly cell: (row: Row) => Cell;
}

export interface TableSpec<Row> {
  /** A sign of one column in front of the first cell; on terminals only. */
  readonly sign: (row: Row) => Cell;
  /** The sets of columns, from the richest to the poorest; each begins with the name of the row. */
  readonly columnSets: readonly (readonly Column<Row>[])[];
  /** The last column where a set of columns leaves room for it, else a line below the row. */
  readonly advice: { readonly header: string; readonly text: (row: Row) => string };
}

export interface TableLines {
  /** None where rows are too narrow for columns. */
  readonly header: readonly string[];
  /** The lines of each row. */
  readonly rows: readonly (readonly string[])[];
}

const gap = '  ';

export function tableLines<Row>(
  rows: readonly Row[],
  spec: TableSpec<Row>,
  style: TerminalStyle,
): TableLines {
  const hasAdvice = rows.some((row) => spec.advice.text(row) !== '');
  for (const adviceBelow of hasAdvice ? [false, true] : [true]) {
    for (const columns of spec.columnSets) {
      const lines = arranged(rows, { spec, columns, adviceBelow, style });
      if (lines !== null) return lines;
    }
  }
  return { header: [], rows: rows.map((row) => stackedLines(row, spec, style)) };
}

interface Arrangement<Row> {
  readonly spec: TableSpec<Row>;
  readonly columns: readonly Column<Row>[];
  readonly adviceBelow: boolean;
  readonly style: TerminalStyle;
}

/** null where a line would be too wide. */
function arranged<Row>(rows: readonly Row[], arrangement: Arrangement<Row>): TableLines | null {
  const { spec, adviceBelow, style } = arrangement;
  const { advice } = spec;
  const adviceColumn: Column<Row> = {
    header: advice.header,
    cell: (row) => ({ text: advice.text(row), tone: 'strong' }),
  };
  const columns = adviceBelow ? arrangement.columns : [...arrangement.columns, adviceColumn];
  const cells = rows.map((row) => columns.map((column) => column.cell(row)));
  const widths = columns.map(({ header }, at) =>
    Math.max(stringWidth(header), ...cells.map((line) => stringWidth(line[at]?.text ?? ''))),
  );
  const signWidth = style.width === null ? 0 : 2;
  const width = signWidth + widths.reduce((sum, each) => sum + each) + gap.length * (widths.length - 1);
  if (style.width !== null && width > style.width) return null;
  const line = (texts: readonly Cell[]) => joined(texts, widths, style);
  const header = `${' '.repeat(signWidth)}${line(columns.map((column) => ({ text: column.header, tone: null })))}`;
  return {
    header: [header],
    rows: rows.map((row, at) => [
      `${signOf(row, spec, style)}${line(cells[at] ?? [])}`,
      ...(adviceBelow ? adviceLines(row, spec, style) : []),
    ]),
  };
}

function joined(cells: readonly Cell[], widths: readonly number[], style: TerminalStyle): string {
  const lastAt = cells.findLastIndex(({ text }) => text !== '');
  return cells
    .slice(0, lastAt + 1)
    .map(({ text, tone }, at) => {
      // trailing blanks would wrap around on a terminal that has just become narrower
      const padding = at === lastAt ? '' : ' '.repeat((widths[at] ?? 0) - stringWidth(text));
      return `${paint(style, tone, text)}${padding}`;
    })
    .join(gap);
}

function signOf<Row>(row: Row, { sign }: TableSpec<Row>, style: TerminalStyle): string {
  if (style.width === null) return '';
  const { text, tone } = sign(row);
  return `${paint(style, tone, text)} `;
}

function adviceLines<Row>(row: Row, { advice }: TableSpec<Row>, style: TerminalStyle): readonly string[] {
  const text = advice.text(row);
  if (text === '') return [];
  return wrapWords(text, style, 4).map(
    (line, at) => `  ${at === 0 ? style.glyphs.next : ' '} ${paint(style, 'strong', line)}`,
  );
}

/** A row in lines of their own: the name, then as many cells to a line as it holds, then the advice. */
function stackedLines<Row>(row: Row, spec: TableSpec<Row>, style: TerminalStyle): readonly string[] {
  const width = style.width ?? Number.POSITIVE_INFINITY;
  const [name, ...cells] = (spec.columnSets.at(-1) ?? []).map(({ cell }) => cell(row));
  const lines: Cell[][] = [];
  let room = 0;
  for (const cell of cells) {
    const needed = stringWidth(cell.text) + 2;
    if (needed > room) {
      lines.push([]);
      room = width - 2;
    }
    lines.at(-1)?.push(cell);
    room -= needed;
  }
  const shortName = shortened(name?.text ?? '', width - 2, style.glyphs.cut);
  return [
    `${signOf(row, spec, style)}${shortName}`,
    ...lines.map((line) => `  ${line.map(({ text, tone }) => paint(style, tone, text)).join(gap)}`),
    ...adviceLines(row, spec, style),
  ];
}

/** Both ends of a name tell agents apart; the middle is given up. */
function shortened(text: string, width: number, cut: string): string {
  if (text.length <= width) return text;
  const kept = Math.max(2, width - cut.length);
  return `${text.slice(0, Math.ceil(kept / 2))}${cut}${text.slice(text.length - Math.floor(kept / 2))}`;
}
