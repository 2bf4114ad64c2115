import stringWidth from 'string-width';

/** Text that comes from elsewhere, such as a server's reason, without what would steer a terminal. */
export function printable(text: string): string {
  return text.replaceAll(/\p{Cc}+/gu, ' ');
}

/**
 * Lines of at most `width` columns, broken between words; null sets no limit. A command in backticks stays in one piece where
 * a line can hold it. A longer word stays whole all the same, so that whoever copies it gets all of it.
 */
export function wrapWords(text: string, width: number | null): readonly string[] {
  if (width === null) return [text];
  const lines: string[] = [];
  let line = '';
  for (const piece of pieces(text, width)) {
    const longer = line === '' ? piece : `${line} ${piece}`;
    if (line === '' || stringWidth(longer) <= width) {
      line = longer;
    } else {
      lines.push(line);
      line = piece;
    }
  }
  return [...lines, line];
}

/** A command comes with what clings to it, such as a comma. */
function pieces(text: string, width: number): readonly string[] {
  const found = text.match(/[^\s`]*`[^`]*`\S*|\S+/g) ?? [];
  return found.flatMap((piece) => {
    if (stringWidth(piece) <= width) return [piece];
    return piece.split(/\s+/).flatMap((word) => (isWritten(word) ? chunks(word, width) : [word]));
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

/** The same lines as a paragraph behind `lead`: the first one follows it, the others are below the first. */
export function hangingLines(lead: string, text: string, width: number | null): readonly string[] {
  const indent = stringWidth(lead);
  const lines = wrapWords(text, width === null ? null : Math.max(1, width - indent));
  return lines.map((line, index) => `${index === 0 ? lead : ' '.repeat(indent)}${line}`);
}
