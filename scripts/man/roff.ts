/** Text as roff that every man(7) formatter shows as it is: hyphens that can be copied, no accidental requests. */

const special: Readonly<Record<string, string>> = {
  '\\': '\\e',
  '-': '\\-',
  "'": '\\(aq',
  '`': '\\(ga',
  '^': '\\(ha',
  '~': '\\(ti',
  '"': '\\(dq',
};

export function escape(text: string): string {
  return text
    .replaceAll(/[\\\-'`^~"]/g, (character) => special[character] ?? character)
    .replaceAll(/[^\x20-\x7e]/gu, (character) => `\\[u${codePoint(character)}]`);
}

function codePoint(character: string): string {
  return (character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0');
}

/** One line of running text; what stands between backticks is what a user types. */
export function line(text: string): string {
  const spans = text.split(/`([^`]+)`/);
  return guarded(spans.map((span, index) => (index % 2 === 1 ? bold(span) : escape(span))).join(''));
}

export function bold(text: string): string {
  return `\\fB${escape(text)}\\fR`;
}

export function italic(text: string): string {
  return `\\fI${escape(text)}\\fR`;
}

/** A line that begins like a request is none. */
function guarded(text: string): string {
  return /^[.']/.test(text) ? `\\&${text}` : text;
}

export function section(title: string, ...lines: readonly string[]): string[] {
  return [`.SH ${title}`, ...lines];
}

/** A term, and what it means below it. */
export function item(term: string, meaning: string): string[] {
  return ['.TP', term, line(meaning)];
}

/** Lines as they are. */
export function verbatim(lines: readonly string[]): string[] {
  return ['.EX', ...lines.map((each) => guarded(escape(each))), '.EE'];
}

/** Paragraphs of running text; blocks of lines that are indented stay as they are. */
export function paragraphs(text: string): string[] {
  const blocks = text.split('\n\n').map((block) => block.split('\n'));
  return blocks.flatMap((lines, index) => {
    const isCode = lines.every((each) => each.startsWith('  '));
    const shown = isCode
      ? verbatim(lines.map((each) => each.slice(2)))
      : lines.map((each) => line(each.trim()));
    return [...(index === 0 ? [] : ['.PP']), ...shown];
  });
}
