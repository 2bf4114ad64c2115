import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { readdir } from 'node:fs/promises';
import { Agent, request, type IncomingMessage } from 'node:http';
import { connect, type Socket } from 'node:net';
import { text } from 'node:stream/consumers';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** How many file descriptors the process has open. */
export async function openDescriptors(pid: number): Promise<number> {
  return (await readdir(`/proc/${pid}/fd`)).length;
}

/** Bounds the descriptors of a running process by prlimit(1). The hard limit stays, so that the bound can be lifted again. */
export async function limitDescriptors(pid: number, limit: number): Promise<void> {
  await run('prlimit', ['--pid', String(pid), `--nofile=${limit}:`]);
}

/** A client that keeps one connection and asks everything on it. */
export class KeptConnection implements Disposable {
  readonly #agent = new Agent({ keepAlive: true, maxSockets: 1 });
  readonly #socketPath: string;

  constructor(socketPath: string) {
    this.#socketPath = socketPath;
  }

  async ask(
    method: 'GET' | 'POST',
    path: string,
  ): Promise<{ readonly status: number; readonly body: unknown }> {
    const asked = request({ socketPath: this.#socketPath, agent: this.#agent, method, path });
    asked.end();
    const [answer] = (await once(asked, 'response')) as [IncomingMessage];
    return { status: answer.statusCode ?? 0, body: JSON.parse(await text(answer)) as unknown };
  }

  [Symbol.dispose](): void {
    this.#agent.destroy();
  }
}

/** Clients that ask once and then keep their connection. */
export class KeepingClients implements Disposable {
  readonly #sockets: Socket[] = [];
  readonly #socketPath: string;

  constructor(socketPath: string) {
    this.#socketPath = socketPath;
  }

  /** They come one after another until the daemon serves no more of them. Resolves to how many it serves. */
  async takeAllPlaces(): Promise<number> {
    for (let served = 0; ; served += 1) if (!(await this.#isServed())) return served;
  }

  [Symbol.dispose](): void {
    for (const socket of this.#sockets) socket.destroy();
  }

  async #isServed(): Promise<boolean> {
    const socket = connect(this.#socketPath).setEncoding('latin1');
    this.#sockets.push(socket);
    const { promise, resolve } = Promise.withResolvers<boolean>();
    socket.on('data', (answer: string) => resolve(answer.startsWith('HTTP/1.1 200')));
    // a connection that is cut off is one way of being refused
    socket.on('error', () => resolve(false)).on('close', () => resolve(false));
    socket.write('GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n');
    return promise;
  }
}
