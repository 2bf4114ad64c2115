import { TokenwardError } from '../../domain/errors.ts';
import { fingerprintOf } from '../../platform/fingerprint.ts';
import { problemError } from '../problem.ts';
import { sendOverSocket, type SocketAnswer, type SocketRequest } from '../socket-request.ts';
import { TokenwardClientError } from './client-error.ts';
import type { AccessToken, ClientClock, RejectionStatus } from './declaration.ts';
import { ServedToken, type TokenBody } from './served-token.ts';

/** Milliseconds for an answer that waits for nothing but a refresh which is under way. */
const promptMs = 40_000;
/** Milliseconds that an answer may take beyond the wait that was asked for. */
const graceMs = 10_000;
/** The longest wait that the daemon takes (docs/waiting.md), milliseconds. */
const longestWaitMs = 600_000;

/** The requests of the local API that a program needs. Every call rejects with {@link TokenwardClientError}. */
export class LocalApi {
  readonly #socketPath: string;
  readonly #tokenPath: string;
  readonly #clock: ClientClock;

  constructor(socketPath: string, agent: string | null, clock: ClientClock) {
    this.#socketPath = socketPath;
    this.#tokenPath = agent === null ? '/v1/token' : `/v1/agents/${encodeURIComponent(agent)}/token`;
    this.#clock = clock;
  }

  async token(minTtlMs: number, signal: AbortSignal): Promise<ServedToken> {
    const query = minTtlMs > 0 ? `?min_ttl=${Math.ceil(minTtlMs)}ms` : '';
    const token = await this.#token(query, promptMs, signal);
    if (token === null) throw this.#notADaemon();
    return token;
  }

  /** Another token than number `sequence`; null where none came within `wantedMs` milliseconds, 10 minutes at most. */
  another(sequence: number, wantedMs: number, signal: AbortSignal): Promise<ServedToken | null> {
    const waitMs = Math.min(Math.ceil(wantedMs), longestWaitMs);
    return this.#token(`?sequence=${sequence}&wait=${waitMs}ms`, waitMs + graceMs, signal);
  }

  async reject(token: AccessToken, status: RejectionStatus, signal: AbortSignal): Promise<void> {
    await this.#send({
      method: 'POST',
      path: `/v1/agents/${encodeURIComponent(token.agent)}/token/rejections`,
      body: JSON.stringify({ fingerprint: fingerprintOf(token.accessToken), status }),
      contentType: 'application/json',
      timeoutMs: promptMs,
      signal,
    });
  }

  async #token(query: string, timeoutMs: number, signal: AbortSignal): Promise<ServedToken | null> {
    const askedAtMs = this.#clock.monotonicMs();
    const path = `${this.#tokenPath}${query}`;
    const { status, body } = await this.#send({ method: 'GET', path, body: null, timeoutMs, signal });
    if (status === 304) return null;
    const value = parseJson(body);
    if (!isTokenBody(value)) throw this.#notADaemon();
    return new ServedToken(value, this.#clock, askedAtMs);
  }

  async #send(wanted: SocketRequest): Promise<SocketAnswer> {
    const answer = await sendOverSocket(this.#socketPath, wanted).catch((error: unknown) => {
      throw clientError(error, null);
    });
    if (answer.status < 300 || answer.status === 304) return answer;
    throw clientError(problemError(answer.status, answer.body), answer.status);
  }

  #notADaemon(): TokenwardClientError {
    const message = `what answers at ${this.#socketPath} is not a tokenward daemon; see to the path of the socket`;
    return new TokenwardClientError('DAEMON_NOT_RUNNING', message);
  }
}

function clientError(error: unknown, status: number | null): unknown {
  if (!(error instanceof TokenwardError)) return error;
  const { code, message, retryAfterMs } = error;
  return new TokenwardClientError(code, message, { status, retryAfterMs, cause: error });
}

function isTokenBody(value: unknown): value is TokenBody {
  return typeof value === 'object' && value !== null && 'access_token' in value && 'sequence' in value;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null; // as good as an answer without a token
  }
}
