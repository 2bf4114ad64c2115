/**
 * `tokenward/client`: access tokens from the tokenward daemon of this host, for programs on Node.js 24 or later.
 */

/** How a {@link TokenClient} finds its daemon, and where its time and chance come from. */
export interface TokenClientOptions {
  /** By default the environment's `TOKENWARD_SOCKET`, and else `/run/tokenward/tokenward.sock`. */
  readonly socketPath?: string;
  /** By default the only agent that this user may read. */
  readonly agent?: string;
  /** Milliseconds of life below which a token in memory is not handed out without asking the daemon; 30 000 by default. */
  readonly marginMs?: number;
  /** For tests. */
  readonly clock?: ClientClock;
  /** Uniform in [0, 1), for the pauses between attempts; for tests. */
  readonly random?: () => number;
}

/** The time that a client goes by. */
export interface ClientClock {
  /** Milliseconds of a clock that nobody sets. */
  monotonicMs(): number;
  /** Milliseconds since 1970. */
  wallMs(): number;
  /** Resolves after `ms` milliseconds; rejects when the signal aborts. */
  sleep(ms: number, signal: AbortSignal): Promise<void>;
}

/** A token. Printing it, or making JSON of it, does not show its text. */
export interface AccessToken {
  readonly accessToken: string;
  /** Such as `Bearer`. */
  readonly tokenType: string;
  readonly expiresAt: Date;
  /** Milliseconds that are left now; 0 when it has expired. */
  readonly expiresInMs: number;
  /** Another number is another token. */
  readonly sequence: number;
  readonly agent: string;
}

export interface GetTokenOptions {
  /** Milliseconds that the token should live yet; where none does, the daemon gives what it has. */
  readonly minTtlMs?: number;
  readonly signal?: AbortSignal;
}

export interface InterceptorOptions {
  /** Of the server that takes the token, such as `https://logs.example:9543`. No other origin gets it. */
  readonly origin: string | URL;
  /** `authorization` by default. */
  readonly header?: string;
  /** The word before the token; by default its type, and none for another header than `authorization`. '' for none. */
  readonly scheme?: string;
  /** Status codes that are reported as a rejection; 401, 403 and 440 by default, and no others are possible. */
  readonly rejected?: readonly RejectionStatus[];
  /** Milliseconds to wait for a newer token after a rejection; 10 000 by default. */
  readonly waitMs?: number;
}

export type RejectionStatus = 401 | 403 | 440;

/** What an interceptor reads of the options of a request. */
export interface InterceptedRequest {
  origin?: string | URL;
  headers?: unknown;
  body?: unknown;
}

type Dispatch<Request, Handler> = (request: Request, handler: Handler) => boolean;

/** Fits `compose` of every dispatcher of undici 7 and later. */
export type TokenInterceptor = <Request extends InterceptedRequest, Handler extends object>(
  dispatch: Dispatch<Request, Handler>,
  /** Of the only server that the dispatcher sends to; null for one that chooses among several. undici 8 tells it. */
  boundTo?: string | null,
) => Dispatch<Request, Handler>;

/** One for a program: calls share what is in memory, and one request to the daemon. */
export interface TokenClient extends AsyncDisposable {
  /** The token in memory while it lives long enough, and else that of the daemon. Rejects with {@link TokenwardClientError}. */
  getToken(options?: GetTokenOptions): Promise<AccessToken>;

  /**
   * The present token, and then each newer one; who is slow gets the newest. Goes on after restarts of the daemon. Ends when
   * the signal aborts, the loop is left or the client is closed. Throws where only a person can help: the daemon refuses this
   * user, or knows no such agent.
   */
  rotations(options?: { readonly signal?: AbortSignal }): AsyncIterableIterator<AccessToken, undefined>;

  /** Tells the daemon that the server refused this token, and forgets it. The daemon replaces it where it finds the same. */
  reportRejection(token: AccessToken, status: RejectionStatus): Promise<void>;

  /**
   * Sends the token with each request to one origin. An answer that rejects it is reported; where a newer token comes in
   * time and the body can be sent again (text, bytes or none), the request is repeated once, and else the answer is passed on.
   */
  interceptor(options: InterceptorOptions): TokenInterceptor;

  /** Ends all iterators and requests to the daemon. */
  close(): Promise<void>;
}

/** Why there is no token. Match on `code`: those of docs/errors.md, and `CLIENT_CLOSED`. */
export declare class TokenwardClientError extends Error {
  constructor(code: string, message: string, details?: TokenwardClientErrorDetails);
  readonly code: string;
  /** Of the daemon's answer; null where there was none. */
  readonly status: number | null;
  /** Milliseconds after which another try makes sense; null where nothing is known. */
  readonly retryAfterMs: number | null;
}

export interface TokenwardClientErrorDetails {
  readonly status?: number | null;
  readonly retryAfterMs?: number | null;
  readonly cause?: unknown;
}

/** Asks nothing of the daemon before its first token is wanted. */
export declare function createTokenClient(options?: TokenClientOptions): TokenClient;
