import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { expect } from 'vitest';
import { eventually } from './eventually.ts';

/** A program at a terminal of its own (script(1), which is in every Debian), and somebody who types. */
export class LineTerminal implements AsyncDisposable {
  readonly #process: ChildProcess;
  #screen = '';

  constructor(command: string, { cwd, env }: { cwd: string; env: Readonly<Record<string, string>> }) {
    this.#process = spawn('script', ['--quiet', '--return', '--flush', '--command', command, '/dev/null'], {
      cwd,
      env,
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    this.#process.stdout?.setEncoding('utf8').on('data', (piece: string) => (this.#screen += piece));
  }

  /** Everything that was shown since the last {@link type}. */
  get screen(): string {
    return this.#screen;
  }

  type(keys: string): void {
    this.#screen = '';
    this.#process.stdin?.write(keys);
  }

  async shows(expected: string | RegExp): Promise<void> {
    await eventually(() => expect(this.#screen).toMatch(expected), { withinMs: 15_000 });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#process.exitCode === null && this.#process.signalCode === null) {
      const ended = once(this.#process, 'exit');
      this.#process.kill('SIGKILL');
      await ended;
    }
  }
}
