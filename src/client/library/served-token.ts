import { inspect } from 'node:util';
import type { AccessToken, ClientClock } from './declaration.ts';

/** What `GET …/token` answers (docs/api.md). */
export interface TokenBody {
  readonly access_token: string;
  readonly token_type: string;
  /** Whole seconds. */
  readonly expires_in: number;
  /** ISO 8601, UTC. */
  readonly expires_at: string;
  readonly agent: string;
  readonly sequence: number;
}

/** A token that shows its text to nobody but who asks for it. */
export class ServedToken implements AccessToken {
  readonly tokenType: string;
  readonly expiresAt: Date;
  readonly sequence: number;
  readonly agent: string;
  readonly #text: string;
  readonly #clock: ClientClock;
  readonly #endMs: number;

  /** `askedAtMs`: when the answer was asked for, by the monotonic clock. */
  constructor(body: TokenBody, clock: ClientClock, askedAtMs: number) {
    this.tokenType = body.token_type;
    this.expiresAt = new Date(body.expires_at);
    this.sequence = body.sequence;
    this.agent = body.agent;
    this.#text = body.access_token;
    this.#clock = clock;
    this.#endMs = askedAtMs + body.expires_in * 1000;
  }

  get accessToken(): string {
    return this.#text;
  }

  /** By the clock that says less: one stands still while the host sleeps, the other may be set. */
  get expiresInMs(): number {
    const monotonic = this.#endMs - this.#clock.monotonicMs();
    return Math.max(0, Math.min(monotonic, this.expiresAt.getTime() - this.#clock.wallMs()));
  }

  toJSON(): object {
    const { tokenType, expiresAt, sequence, agent } = this;
    return { accessToken: '[secret]', tokenType, expiresAt, sequence, agent };
  }

  [inspect.custom](): object {
    return this.toJSON();
  }
}
