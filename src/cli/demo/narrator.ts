import { print } from '../output.ts';

/** The demo's voice: numbered steps, a few calm lines each, and a table at the end. */
export class Narrator {
  #step = 0;
  readonly #results: (readonly [string, string])[] = [];

  step(title: string): void {
    this.#step += 1;
    print('', `${String(this.#step).padStart(2)}  ${title}`);
  }

  say(...lines: readonly string[]): void {
    for (const line of lines.flatMap((text) => text.split('\n'))) print(`    ${line}`);
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
    print('', '    What was shown', '');
    for (const [what, how] of this.#results) print(`    ${what.padEnd(width)}   ${how}`);
    print('');
  }
}
