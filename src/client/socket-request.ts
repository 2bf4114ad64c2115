import { statSync, type Stats } from 'node:fs';
import { type IncomingMessage, request } from 'node:http';
import { dirname } from 'node:path';
import { TokenwardError } from '../domain/errors.ts';
import { errorCode } from '../platform/system-error.ts';

/** One HTTP/1.1 request over a Unix socket, on a connection of its own. */

export interface SocketRequest {
  readonly method: 'GET' | 'POST' | 'PUT';
  /** With its query. */
  readonly path: string;
  /** Text; null sends none. */
  readonly body: string | null;
  /** What the text is; `text/plain` by default. */
  readonly contentType?: string;
  /** Milliseconds from connecting to the end of the answer. */
  readonly timeoutMs: number;
  /** Gives the request up; the error is then that of a daemon which does not answer. */
  readonly signal?: AbortSignal;
}

export interface SocketAnswer {
  readonly status: number;
  readonly body: string;
}

/** The status of thousands of agents fits. */
const maxBodyBytes = 8 * 1024 * 1024;

/**
 * Rejects `DAEMON_NOT_RUNNING` where nobody listens or no whole answer comes in time, `PEER_DENIED` where this user may not
 * connect. {@link wasNotSent} tells whether the request may have been received.
 */
export async function sendOverSocket(socketPath: string, wanted: SocketRequest): Promise<SocketAnswer> {
  const progress = { connected: false };
  try {
    return await exchange(socketPath, wanted, progress);
  } catch (error) {
    throw progress.connected ? brokenOff(socketPath, wanted, error) : notConnected(socketPath, error);
  }
}

/** Whether an error of {@link sendOverSocket} says that the daemon surely knows nothing of the request. */
export function wasNotSent(error: unknown): boolean {
  return error instanceof TokenwardError && error.fields['sent'] === false;
}

async function exchange(
  socketPath: string,
  { method, path, body, contentType = 'text/plain; charset=utf-8', timeoutMs, signal }: SocketRequest,
  progress: { connected: boolean },
): Promise<SocketAnswer> {
  const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>();
  const outgoing = request({
    socketPath,
    method,
    path,
    agent: false,
    signal: AbortSignal.any([AbortSignal.timeout(timeoutMs), ...(signal === undefined ? [] : [signal])]),
    headers: {
      host: 'localhost',
      accept: 'application/json',
      ...(body !== null && { 'content-type': contentType }),
    },
  });
  outgoing.on('socket', (socket) => socket.once('connect', () => (progress.connected = true)));
  outgoing.on('response', resolve);
  outgoing.on('error', reject);
  outgoing.end(body ?? '');
  const incoming = await promise;
  return { status: incoming.statusCode ?? 0, body: await readBody(incoming) };
}

async function readBody(incoming: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of incoming) {
    const bytes = chunk as Buffer;
    size += bytes.length;
    if (size > maxBodyBytes) throw new Error('the answer is too large');
    chunks.push(bytes);
  }
  return Buffer.concat(chunks, size).toString('utf8');
}

function notConnected(socketPath: string, cause: unknown): TokenwardError {
  const options = { cause, fields: { sent: false } };
  const code = errorCode(cause);
  if (code === 'EACCES' || code === 'EPERM') {
    const message = `this user may not connect to ${socketPath}; ${howToGetIn(socketPath)}`;
    return new TokenwardError('PEER_DENIED', message, options);
  }
  const advice = 'start the daemon with `tokenward run` or `systemctl start tokenward`';
  const reason = reasons[code ?? ''] ?? code ?? 'no connection in time';
  return new TokenwardError(
    'DAEMON_NOT_RUNNING',
    `no daemon at ${socketPath} (${reason}); ${advice}`,
    options,
  );
}

function howToGetIn(socketPath: string): string {
  const found = lookAt(socketPath);
  if (found === null)
    return `run this as root, or let this user into its folder: chmod o+x ${dirname(socketPath)}`;
  const isForGroup = found.gid !== 0 && (found.mode & 0o020) !== 0;
  return isForGroup
    ? `run this as root, or join the group of the socket and log in anew: sudo usermod -aG "$(stat -c %G ${socketPath})" "$USER"`
    : 'run this as root, or give the listener a `group` that this user is a member of';
}

/** null where this user may not even look. */
function lookAt(path: string): Stats | null {
  try {
    return statSync(path);
  } catch {
    return null; // a closed folder, or the daemon has just ended
  }
}

const reasons: Readonly<Record<string, string>> = {
  ENOENT: 'there is no socket',
  ECONNREFUSED: 'nobody listens on the socket',
  ENOTDIR: 'there is no socket',
};

function brokenOff(socketPath: string, { timeoutMs }: SocketRequest, cause: unknown): TokenwardError {
  const isLate = errorCode(cause) === 'ABORT_ERR';
  const what = isLate
    ? `did not answer within ${timeoutMs / 1000} s`
    : 'ended the connection without an answer';
  return new TokenwardError(
    'DAEMON_NOT_RUNNING',
    `the daemon at ${socketPath} ${what}; look at its log: journalctl -u tokenward`,
    {
      cause,
      fields: { sent: true },
    },
  );
}
