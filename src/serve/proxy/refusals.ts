import { type ErrorCode, TokenwardError } from '../../domain/errors.ts';
import type { ReplayOutcome } from '../../platform/metrics/proxy-metrics.ts';
import { problemReply } from '../problem.ts';
import type { Reply } from '../reply.ts';
import type { TargetVerdict } from './target.ts';

/**
 * The proxy's own answers. Whatever may be better in a moment is a 503 with `Retry-After`: shippers repeat on it, and drop
 * their batch on 401 and 403.
 */

interface RefusalOptions {
  readonly status?: number;
  /** Names and values in turn. */
  readonly headers?: readonly string[];
  /** What came of the second try, where there was to be one. */
  readonly replay?: ReplayOutcome;
  /** Whether the request's body is still to come, and not wanted. */
  readonly endsConnection?: boolean;
}

export class Refusal extends Error {
  override readonly name = 'Refusal';
  readonly error: TokenwardError;
  readonly replay: ReplayOutcome | undefined;
  readonly endsConnection: boolean;
  readonly #options: RefusalOptions;

  constructor(error: TokenwardError, options: RefusalOptions = {}) {
    super(error.message, { cause: error });
    this.error = error;
    this.replay = options.replay;
    this.endsConnection = options.endsConnection ?? false;
    this.#options = options;
  }

  reply(agent: string): Reply {
    const { status, headers } = this.#options;
    return problemReply(this.error, {
      agent,
      ...(status !== undefined && { status }),
      ...(headers !== undefined && { headers }),
    });
  }
}

const soonMs = 1_000;

export function unknownClient(uid: number | null): Refusal {
  const who = uid === null ? 'the client' : `the client (uid ${uid})`;
  const message = `${who} shows no key of this proxy, or a wrong one; send that of client_key_file as X-Tokenward-Key or as Basic password`;
  return refusal('PEER_DENIED', message, {
    status: 401,
    headers: ['WWW-Authenticate', 'Basic realm="tokenward"'],
    endsConnection: true,
  });
}

export function wrongTarget(verdict: Exclude<TargetVerdict, { kind: 'allowed' }>): Refusal {
  switch (verdict.kind) {
    case 'wrong-host':
      return refusal(
        'REQUEST_INVALID',
        'this proxy leads to one server, and Host names another; address it as localhost, or by a loopback address',
        { status: 421, endsConnection: true },
      );
    case 'wrong-path':
      return refusal('NOT_FOUND', 'this proxy does not forward this path; see paths of the proxy', {
        endsConnection: true,
      });
    case 'malformed':
      return refusal(
        'REQUEST_INVALID',
        'the path has dot segments, empty ones or encoded slashes in it, which servers read in different ways; send it plain',
        { endsConnection: true },
      );
    case 'wrong-method': {
      const allowed = verdict.allowed.join(', ');
      return refusal('REQUEST_INVALID', `this proxy forwards ${allowed}; see methods of the proxy`, {
        status: 405,
        headers: ['Allow', allowed],
        endsConnection: true,
      });
    }
  }
}

export function wrongExpectation(): Refusal {
  return refusal('REQUEST_INVALID', 'the only expectation that is met is 100-continue', {
    status: 417,
    endsConnection: true,
  });
}

export function tooLarge(maxBytes: number): Refusal {
  const message = `the body is larger than ${maxBytes} bytes; send less at a time, or raise max_body of the proxy`;
  return refusal('REQUEST_INVALID', message, { status: 413, endsConnection: true });
}

export function noToken(retryAfterMs: number): Refusal {
  const message = 'there is no valid token to send with the request; see `tokenward status`';
  return new Refusal(new TokenwardError('TOKEN_UNAVAILABLE', message, { retryAfterMs }), {
    endsConnection: true,
  });
}

const replayTexts: Readonly<Record<Exclude<ReplayOutcome, 'answered' | 'failed'>, string>> = {
  'no-token': 'the server rejected the token, and no other one came in time',
  'not-kept': 'the server rejected the token, and the body could not be kept to send it again',
  rejected: 'the server rejected the token, and the next one as well',
};

export function rejectedToken(replay: keyof typeof replayTexts, retryAfterMs: number): Refusal {
  const message = `${replayTexts[replay]}; send the request again, and see \`tokenward status\``;
  return new Refusal(new TokenwardError('TOKEN_REJECTED', message, { retryAfterMs }), { replay });
}

export function notReached(code: ErrorCode, reason: string): Refusal {
  return new Refusal(new TokenwardError(code, reason, { retryAfterMs: soonMs }), {
    status: 503,
    endsConnection: true,
  });
}

/** The server may have taken the request, so whether it is sent again is for the client to say. */
export function noAnswer(host: string, cause: unknown): Refusal {
  const message = `${host} broke off before it had answered, or took too long; send the request again`;
  const error = new TokenwardError('SERVER_UNREACHABLE', message, { retryAfterMs: soonMs, cause });
  return new Refusal(error, { status: 503, endsConnection: true });
}

export function clientGone(cause: unknown): Refusal {
  return new Refusal(new TokenwardError('REQUEST_INVALID', 'the client broke off its request', { cause }), {
    endsConnection: true,
  });
}

function refusal(code: ErrorCode, message: string, options: RefusalOptions): Refusal {
  return new Refusal(new TokenwardError(code, message), options);
}
