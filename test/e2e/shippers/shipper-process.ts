import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';

/** A program that runs beside the daemon. Disposing ends it. */
export class ShipperProcess implements AsyncDisposable {
  readonly #child: ChildProcess;
  readonly #ended: Promise<unknown>;
  #output = '';

  constructor(program: string, args: readonly string[]) {
    const path = [process.env['PATH'], '/usr/sbin', '/sbin'].join(':');
    this.#child = spawn(program, args, { stdio: ['ignore', 'pipe', 'pipe'], env: { PATH: path } });
    for (const stream of [this.#child.stdout, this.#child.stderr])
      stream?.setEncoding('utf8').on('data', (text: string) => (this.#output += text));
    this.#ended = once(this.#child, 'close');
  }

  /** All that it has written so far. */
  get output(): string {
    return this.#output;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#child.kill('SIGKILL');
    await this.#ended;
  }
}
