/** Lines of a terminal as tmux hands them out: text with the sequences that colour it (ECMA-48, SGR). */

export interface Look {
  readonly bold: boolean;
  readonly faint: boolean;
  /** 0..15, as terminals number them; null = the usual one. */
  readonly colour: number | null;
}

/** Characters beside each other that look the same. */
export interface Span {
  readonly column: number;
  readonly text: string;
  readonly look: Look;
}

export type StyledLine = readonly Span[];

const plain: Look = { bold: false, faint: false, colour: null };

/** The look at the end of a line is that of the next one's beginning. */
export function styledLines(screen: string): readonly StyledLine[] {
  let look = plain;
  return screen.split('\n').map((line) => {
    const spans: Span[] = [];
    let column = 0;
    for (const [nth, piece] of line.split('\u001B[').entries()) {
      const end = nth === 0 ? -1 : piece.indexOf('m');
      if (nth > 0) look = lookAfter(look, piece.slice(0, end));
      const text = piece.slice(end + 1);
      if (text !== '') spans.push({ column, text, look });
      column += text.length;
    }
    return spans;
  });
}

function lookAfter(before: Look, codes: string): Look {
  return codes.split(';').reduce((look, code) => afterCode(look, Number(code)), before);
}

/** What the film has no picture of is an error, so that nothing is left out of it silently. */
function afterCode(look: Look, code: number): Look {
  if (code === 0) return plain;
  if (code === 1) return { ...look, bold: true };
  if (code === 2) return { ...look, faint: true };
  if (code === 22) return { ...look, bold: false, faint: false };
  // the usual background; another one is not known here
  if (code === 49) return look;
  if (code === 39) return { ...look, colour: null };
  if (code >= 30 && code <= 37) return { ...look, colour: code - 30 };
  if (code >= 90 && code <= 97) return { ...look, colour: code - 82 };
  throw new Error(`a recording cannot show the SGR code ${code}`);
}

export function textOf(line: StyledLine): string {
  return line.map(({ text }) => text).join('');
}

export function sameLine(one: StyledLine, other: StyledLine): boolean {
  return JSON.stringify(one) === JSON.stringify(other);
}
