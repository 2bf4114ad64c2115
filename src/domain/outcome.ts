import type { ErrorCode } from './errors.ts';
import type { Credential } from './secret.ts';

/** How one request to the server ended, first as what arrived (`Answer`), then as what that means (`Outcome`). */

/** What came back. Plain data: it is sealed and stored as it is before anyone looks into it. */
export type Answer =
  /** The request never left this host: DNS, refused connection, TLS, proxy. */
  | { readonly kind: 'not-sent'; readonly code: ErrorCode; readonly reason: string }
  /** It left, and not even a status line came back. */
  | { readonly kind: 'unanswered'; readonly reason: 'reset' | 'timeout' | 'aborted' | 'protocol' }
  | HttpAnswer;

export interface HttpAnswer {
  readonly kind: 'http';
  readonly status: number;
  /** Only the headers that an interpretation needs; lower-case names. */
  readonly headers: Readonly<Partial<Record<'content-type' | 'retry-after' | 'location' | 'date', string>>>;
  /** What arrived of the body, at most 64 KiB. */
  readonly body: Uint8Array;
  /** False where the body was cut off: reset, timeout, or larger than the cap. */
  readonly complete: boolean;
}

/** What an answer means (DESIGN §3). Every answer falls into exactly one class. */
export type Outcome =
  | {
      readonly kind: 'granted';
      /** null where the product has no exchange: the secret that was shown is the token. */
      readonly token: Credential | null;
      /** Milliseconds; null where the answer does not say: what was asked for, or the expiry of the secret that is the token. */
      readonly ttlMs: number | null;
      /** null where this product does not rotate. */
      readonly newSecret: Credential | null;
    }
  /** Understood, and the answer is no: the secret is wrong, spent or revoked. */
  | { readonly kind: 'refused'; readonly detail: string }
  /** Understood: our request or address is wrong (404, redirect, malformed request). The secret was not judged. */
  | { readonly kind: 'misconfigured'; readonly detail: string }
  /** Understood: not now. */
  | { readonly kind: 'rate-limited'; readonly detail: string; readonly retryAfterMs: number | null }
  /** Understood: the server has a trouble of its own and did not judge the secret. */
  | { readonly kind: 'server-trouble'; readonly detail: string; readonly retryAfterMs: number | null }
  | { readonly kind: 'not-sent'; readonly code: ErrorCode; readonly detail: string }
  /** Sent, and nobody knows how it ended. */
  | { readonly kind: 'in-doubt'; readonly detail: string; readonly retryAfterMs: number | null };
