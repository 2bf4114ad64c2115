import { setTimeout as pause } from 'node:timers/promises';
import type { Terminal } from '../../../test/support/terminal.ts';
import type { Frame } from './film.ts';
import { styledLines } from './styled-line.ts';

/** Looks at a terminal all the time, and keeps each picture of it that differs from the one before. */
export class Camera {
  /** What the viewer is told of what happens elsewhere. */
  caption = '';
  readonly #terminal: Terminal;
  readonly #clean: (screen: string) => string;
  readonly #frames: Frame[] = [];
  #newest = '';
  #filming: Promise<void> | null = null;
  #isOn = false;

  /** `clean` takes out of a screen what is another in each recording. */
  constructor(terminal: Terminal, clean: (screen: string) => string) {
    this.#terminal = terminal;
    this.#clean = clean;
  }

  start(): void {
    this.#isOn = true;
    this.#filming = this.#film();
    // told at the stop, so that what was opened for the recording is closed
    this.#filming.catch(() => {});
  }

  /** Resolves to all frames so far. Rejects where something could not be filmed. */
  async stop(): Promise<readonly Frame[]> {
    this.#isOn = false;
    await this.#filming;
    return this.#frames;
  }

  async #film(): Promise<void> {
    while (this.#isOn) {
      const { caption } = this;
      const screen = this.#clean(await this.#terminal.styledText());
      const seen = `${caption}\n${screen}`;
      if (seen !== this.#newest) this.#frames.push({ caption, lines: styledLines(screen) });
      this.#newest = seen;
      await pause(40);
    }
  }
}
