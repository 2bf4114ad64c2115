import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';

/** Milliseconds that a program gets for its end when a test is over. */
const graceMs = 3_000;

/** A program that runs beside the daemon. Disposing ends it in good order, which takes the children of nginx with it. */
export class ShipperProcess implements AsyncDisposable {
  readonly #child: ChildProcess;
  readonly #ended: Promise<unknown>;
  #output = '';

  constructor(program: string, args: readonly string[]) {
    const path = [process.env['PATH'], '/usr/sbin', '/sbin'].join(':');
    this.#child = spawn(program, args, { stdio: ['ignore', 'pipe', 'pipe'], env: { PATH: path } });
    for (const stream of [this.#child.stdout, this.#child.stderr])
      stream?.setEncoding('utf8').on('data', (text: string) => (this.#output += text));
    this.#ended = once(this.#child, 'exit');
  }

  /** All that it has written so far. */
  get output(): string {
    return this.#output;
  }

  get hasEnded(): boolean {
    return this.#child.exitCode !== null || this.#child.signalCode !== null;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const impatience = setTimeout(() => this.#child.kill('SIGKILL'), graceMs);
    this.#child.kill('SIGTERM');
    await this.#ended;
    clearTimeout(impatience);
    this.#child.stdout?.destroy();
    this.#child.stderr?.destroy();
  }
}
