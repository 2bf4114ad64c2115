import { isoTime } from '../domain/alerts.ts';
import { remainingMs, type Token } from '../domain/token.ts';
import type { Agent } from '../ports/agent.ts';
import type { Clock } from '../ports/clock.ts';
import { isKnownTag, prefersPlainText } from './negotiation.ts';
import { jsonReply, noStore, textReply, type Reply } from './reply.ts';
import { responseBytes } from './wire.ts';

/** A reply in the two forms in which it can be sent. */
export interface ReadyReply {
  readonly reply: Reply;
  /** The same as a whole response. */
  readonly bytes: Buffer;
}

/** The request headers on which a token answer depends. */
export interface TokenWish {
  readonly accept?: string | undefined;
  readonly 'if-none-match'?: string | undefined;
}

interface Prepared {
  /** The whole seconds of life that the JSON form tells. */
  readonly expiresIn: number;
  /** The sequence as an entity tag. */
  readonly tag: string;
  readonly json: ReadyReply;
  readonly plain: ReadyReply;
  readonly notModified: ReadyReply;
}

/**
 * Token answers, ready to be sent. The same token is asked for thousands of times a second, and its answer changes once a
 * second, with `expires_in`. What was prepared for a token goes when the token goes.
 */
export class TokenAnswers {
  #prepared = new WeakMap<Token, Prepared>();
  readonly #clock: Clock;
  #idleDeadlineMs: number;

  /** `idleDeadlineMs`: how long a connection may be idle after an answer, which tells so. */
  constructor(clock: Clock, idleDeadlineMs: number) {
    this.#clock = clock;
    this.#idleDeadlineMs = idleDeadlineMs;
  }

  update(idleDeadlineMs: number): void {
    if (idleDeadlineMs === this.#idleDeadlineMs) return;
    this.#idleDeadlineMs = idleDeadlineMs;
    this.#prepared = new WeakMap();
  }

  /** The answer for this very moment; null where the agent has no token to hand out. */
  current(agent: Agent, wish: TokenWish): ReadyReply | null {
    const token = agent.token();
    if (token === null) return null;
    const prepared = this.#prepare(token, agent.name);
    if (isKnownTag(wish['if-none-match'], prepared.tag)) return prepared.notModified;
    return prefersPlainText(wish.accept) ? prepared.plain : prepared.json;
  }

  #prepare(token: Token, agent: string): Prepared {
    const now = this.#clock.now();
    const leftMs = remainingMs(token, now);
    const expiresIn = Math.floor(leftMs / 1000);
    const known = this.#prepared.get(token);
    if (known?.expiresIn === expiresIn) return known;
    const fresh = this.#fresh(token, agent, expiresIn, isoTime(now, leftMs));
    this.#prepared.set(token, fresh);
    return fresh;
  }

  #fresh(token: Token, agent: string, expiresIn: number, expiresAt: string): Prepared {
    const { sequence } = token;
    const accessToken = token.text.reveal();
    const tag = `"${sequence}"`;
    const tagged = ['ETag', tag];
    const json = {
      access_token: accessToken,
      token_type: 'Bearer',
      expires_in: expiresIn,
      expires_at: expiresAt,
      agent,
      sequence,
    };
    const ready = (reply: Reply) => ({ reply, bytes: responseBytes(reply, this.#idleDeadlineMs) });
    return {
      expiresIn,
      tag,
      json: ready(jsonReply(200, json, tagged)),
      plain: ready(textReply(200, accessToken, tagged)),
      notModified: ready({ status: 304, headers: [...noStore, ...tagged], body: '' }),
    };
  }
}
