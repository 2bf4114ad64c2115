import { print } from '../output.ts';
import { paint, type TerminalStyle } from '../terminal-style.ts';
import { wrapWords } from '../wrap-words.ts';

const indent = 4;

/** The demo's voice: numbered steps, a few calm lines each, and a table at the end. */
export class Narrator {
  readonly #style: TerminalStyle;
  #step = 0;
  readonly #results: (readonly [string, string])[] = [];

  constructor(style: TerminalStyle) {
    this.#style = style;
  }

  step(title: string): void {
    this.#step += 1;
    print('', paint(this.#style, 'strong', `${String(this.#step).padStart(2)}  ${title}`));
  }

  say(...lines: readonly string[]): void {
    for (const line of lines.flatMap((text) => text.split('\n')))
      for (const part of fitting(line, this.#style, indent)) print(`${' '.repeat(indent)}${part}`);
  }

  /** A command that the reader could type. */
  command(line: string): void {
    print(`    $ ${line}`);
  }

  result(what: string, how: string): void {
    this.#results.push([what, how]);
  }

  summary(): void {
    const width = Math.max(...this.#results.map(([what]) => what.length));
    print('', paint(this.#style, 'strong', '    What was shown'), '');
    for (const [what, how] of this.#results) print(`    ${what.padEnd(width)}   ${how}`);
    print('');
  }
}

/** Broken between words where the terminal would break it anywhere; `columns` of each line are needed before it. */
export function fitting(line: string, style: TerminalStyle, columns: number): readonly string[] {
  const { width } = style;
  return width === null || line.length <= width - columns ? [line] : wrapWords(line, style, columns);
}
