import stringWidth from 'string-width';
import type { TerminalStyle } from './terminal-style.ts';

/** Text that comes from elsewhere, such as a server's reason, without what would steer a terminal. */
export function printable(text: string): string {
  return text.replaceAll(/[\p{Cc}\p{Cf}]+/gu, ' ');
}

/** How wide lines may be, as a style has it. */
export type Room = Pick<TerminalStyle, 'width' | 'breaksWords'>;

/**
 * Lines that fit, broken between words. A command in backticks stays in one piece where a line can hold it. `indent` columns of
 * each line are needed otherwise.
 */
export function wrapWords(text: string, { width, breaksWords }: Room, indent = 0): readonly string[] {
  if (width === null) return [text];
  const room = Math.max(1, width - indent);
  const lines: string[] = [];
  let line = '';
  for (const piece of pieces(text, room, breaksWords)) {
    const longer = line === '' ? piece : `${line} ${piece}`;
    if (line === '' || stringWidth(longer) <= room) {
      line = longer;
    } else {
      lines.push(line);
      line = piece;
    }
  }
  return [...lines, line];
}

/** The same lines as a paragraph behind `lead`: the first one follows it, the others are below the first. */
export function hangingLines(lead: string, text: string, room: Room): readonly string[] {
  const indent = stringWidth(lead);
  return wrapWords(text, room, indent).map((line, at) => `${at === 0 ? lead : ' '.repeat(indent)}${line}`);
}

/** A command comes with what clings to it, such as a comma. */
function pieces(text: string, width: number, breaksWords: boolean): readonly string[] {
  const found = text.match(/[^\s`]*`[^`]*`\S*|\S+/g) ?? [];
  return found.flatMap((piece) => {
    if (stringWidth(piece) <= width) return [piece];
    return piece
      .split(/\s+/)
      .flatMap((word) => (breaksWords || isWritten(word) ? chunks(word, width) : [word]));
  });
}

/** Whether it may be prose in a script that puts no blanks between words. */
function isWritten(word: string): boolean {
  return /[^ -~]/.test(word);
}

function chunks(word: string, width: number): readonly string[] {
  const found: string[] = [];
  let chunk = '';
  for (const { segment } of new Intl.Segmenter().segment(word)) {
    if (chunk !== '' && stringWidth(chunk + segment) > width) {
      found.push(chunk);
      chunk = '';
    }
    chunk += segment;
  }
  return [...found, chunk];
}
