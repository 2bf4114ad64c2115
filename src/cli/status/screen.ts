import stringWidth from 'string-width';

/**
 * The terminal as a screen of its own, from which the shell's lines come back afterwards. A frame is written over the last one,
 * at once, and only where it differs: nothing flickers, scrolls or jumps. Control sequences are those of ECMA-48 and of xterm.
 */

export interface ScreenOutput {
  write(text: string): void;
  /** Of the terminal, as it is now. */
  size(): { readonly columns: number; readonly rows: number };
}

const alternate = { on: '\u001B[?1049h', off: '\u001B[?1049l' };
const cursor = { hide: '\u001B[?25l', show: '\u001B[?25h' };
/** Without it, a line that is too wide is cut off by the terminal instead of pushing the others down. */
const wrapping = { off: '\u001B[?7l', on: '\u001B[?7h' };
const home = '\u001B[H';
const clearLine = '\u001B[K';
const clearBelow = '\u001B[J';

export class Screen {
  readonly #output: ScreenOutput;
  #isOpen = false;
  #shown: string | null = null;

  constructor(output: ScreenOutput) {
    this.#output = output;
  }

  open(): void {
    if (this.#isOpen) return;
    this.#isOpen = true;
    this.#shown = null;
    this.#output.write(`${alternate.on}${cursor.hide}${wrapping.off}`);
  }

  /** No more lines than the screen has rows. */
  draw(lines: readonly string[]): void {
    if (!this.#isOpen) return;
    const { columns, rows } = this.#output.size();
    const frame = frameOf(lines, columns, rows);
    if (frame === this.#shown) return;
    this.#shown = frame;
    this.#output.write(frame);
  }

  /** What was changed by others, such as a new size, is drawn over. */
  forget(): void {
    this.#shown = null;
  }

  /** The terminal is as it was. May be called at any time. */
  close(): void {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    this.#output.write(`${wrapping.on}${cursor.show}${alternate.off}`);
  }
}

function frameOf(lines: readonly string[], columns: number, rows: number): string {
  // behind the last column there is nothing to clear, and the cursor still stands on that column
  const written = lines.map((line) => (stringWidth(line) < columns ? `${line}${clearLine}` : line));
  return `${home}${written.join('\r\n')}${lines.length < rows ? `\r\n${clearBelow}` : ''}`;
}
