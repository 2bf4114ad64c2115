import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

/** Load by h2load of nghttp2: a client in C, so that the server is what is measured. */

const run = promisify(execFile);

/** Requests in flight: one on each connection. */
export const connections = 16;

export interface LoadTarget {
  readonly socketPath: string;
  readonly path: string;
  /** A file that is posted; without it the request is a GET. */
  readonly body?: string;
  /** Such as `name: value`. */
  readonly headers?: readonly string[];
}

/** Requests a second over `seconds`, after one second to get warm. Rejects where an answer was not 2xx. */
export async function requestsPerSecond(target: LoadTarget, seconds: number): Promise<number> {
  const { socketPath, path, body, headers = [] } = target;
  const { stdout } = await run('h2load', [
    '--h1',
    `--clients=${connections}`,
    `--duration=${seconds}`,
    '--warm-up-time=1',
    ...(body === undefined ? [] : [`--data=${body}`]),
    ...headers.map((header) => `--header=${header}`),
    `--base-uri=unix:${socketPath}`,
    `http://localhost${path}`,
  ]);
  const [, rate] = /finished in .*, ([\d.]+) req\/s/.exec(stdout) ?? [];
  const [, others] = /status codes: \d+ 2xx, (.*)/.exec(stdout) ?? [];
  if (rate === undefined || others !== '0 3xx, 0 4xx, 0 5xx') {
    throw new Error(`the load on ${path} went wrong:\n${stdout}`);
  }
  return Number(rate);
}
