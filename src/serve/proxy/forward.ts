import type { IncomingMessage, ServerResponse } from 'node:http';
import { pipeline } from 'node:stream/promises';
import { headerValue, type TokenHeader } from '../../domain/token-header.ts';
import type { Token } from '../../domain/token.ts';
import type { Upstream } from '../../platform/http/upstream.ts';
import type { ProxyMeter } from '../../platform/metrics/proxy-metrics.ts';
import type { Clock } from '../../ports/clock.ts';
import { BodyIntake, BodyTooLarge } from './body-intake.ts';
import { downstreamHeaders, upstreamHeaders } from './forwarded-headers.ts';
import * as refusals from './refusals.ts';
import { Refusal } from './refusals.ts';
import { Spool, type SpoolParts } from './spool.ts';
import type { TokenSupply } from './token-supply.ts';
import { NoAnswer, UpstreamRequest } from './upstream-request.ts';

/** What of a proxy decides how a request is passed on. */
export interface ForwardRules {
  readonly upstream: Upstream;
  readonly tokens: TokenSupply;
  readonly tokenHeader: TokenHeader;
  /** Bytes of a body. */
  readonly maxBody: number;
  /** Statuses by which the server says that the token is no good. */
  readonly rejected: ReadonlySet<number>;
  /** Milliseconds that the server has whenever it is for it to go on. */
  readonly deadlineMs: number;
}

export interface ForwardParts {
  readonly clock: Clock;
  readonly meter: ProxyMeter;
  readonly spool: Omit<SpoolParts, 'onFailure'>;
  readonly onSpoolFailure: (error: unknown) => void;
}

interface Sent {
  readonly upstream: UpstreamRequest;
  readonly answer: IncomingMessage;
}

/**
 * One request on its way through the proxy, which has been judged already. The server's answer becomes that of the client, but
 * for one that rejects the token: then the request is sent once more, with the next token. What the server may have taken is
 * never sent twice. Rejects with a {@link Refusal} as long as the client has no answer.
 */
export class Forwarding {
  readonly #request: IncomingMessage;
  readonly #response: ServerResponse;
  readonly #rules: ForwardRules;
  readonly #parts: ForwardParts;
  readonly #spool: Spool;
  readonly #hasBody: boolean;
  /** What is under way, so that it ends when the client goes. */
  #upstream: UpstreamRequest | null = null;

  constructor(request: IncomingMessage, response: ServerResponse, rules: ForwardRules, parts: ForwardParts) {
    this.#request = request;
    this.#response = response;
    this.#rules = rules;
    this.#parts = parts;
    this.#spool = new Spool({ ...parts.spool, onFailure: parts.onSpoolFailure });
    this.#hasBody = 'content-length' in request.headers || 'transfer-encoding' in request.headers;
  }

  /** `expectsContinue`: the client waits for word that its body is wanted (RFC 9110 §10.1.1). */
  async run(target: string, expectsContinue: boolean): Promise<void> {
    const onGone = () => this.#upstream?.destroy();
    this.#response.once('close', onGone);
    try {
      const token = await this.#rules.tokens.current();
      if (token === null) throw refusals.noToken(this.#rules.tokens.retryAfterMs());
      if (expectsContinue) this.#response.writeContinue();
      await this.#forward(target, token);
    } finally {
      this.#response.off('close', onGone);
      await this.#spool.close();
    }
  }

  async #forward(target: string, token: Token): Promise<void> {
    const upstream = this.#begin(target, token, { length: this.#declaredLength() });
    const intake = new BodyIntake(this.#request, upstream, {
      spool: this.#spool,
      maxBytes: this.#rules.maxBody,
    });
    const sent = (await this.#first(upstream, intake)) ?? (await this.#carefully(target, token, intake));
    if (this.#isRejection(sent.answer)) return this.#replayed(target, token, { sent, intake });
    intake.stopKeeping();
    await this.#pass(sent);
  }

  /** null where the server broke off before it had the whole request, and so cannot have taken it. */
  async #first(upstream: UpstreamRequest, intake: BodyIntake): Promise<Sent | null> {
    // A body that breaks off, or is too large, ends the request, also where the server would have taken it.
    const broken = intake.ended.then(
      () => new Promise<never>(() => {}),
      (error: unknown) => {
        upstream.destroy();
        throw error;
      },
    );
    try {
      return { upstream, answer: await Promise.race([upstream.answer, broken]) };
    } catch (error) {
      if (error instanceof NoAnswer && error.kind === 'broke-off') return null;
      throw this.#refusalFor(error);
    } finally {
      intake.stopSending();
    }
  }

  /** A server that answers early and closes has its answer lost in our sending: it is asked whether it wants the body. */
  async #carefully(target: string, token: Token, intake: BodyIntake): Promise<Sent> {
    await this.#whole(intake);
    return this.#sendKept(target, token, true);
  }

  async #replayed(
    target: string,
    rejected: Token,
    { sent, intake }: { readonly sent: Sent; readonly intake: BodyIntake },
  ): Promise<void> {
    const { meter } = this.#parts;
    const isEarly = !sent.upstream.isSent;
    sent.upstream.discard(sent.answer);
    try {
      const [token] = await Promise.all([this.#rules.tokens.after(rejected), this.#whole(intake)]);
      if (token === null) throw this.#unavailable('no-token');
      const second = await this.#sendKept(target, token, isEarly);
      if (this.#isRejection(second.answer)) {
        second.upstream.discard(second.answer);
        this.#rules.tokens.report(token);
        throw this.#unavailable('rejected');
      }
      meter.replayed('answered');
      await this.#pass(second);
    } catch (error) {
      meter.replayed(error instanceof Refusal ? (error.replay ?? 'failed') : 'failed');
      throw error;
    }
  }

  async #whole(intake: BodyIntake): Promise<void> {
    try {
      await intake.ended;
    } catch (error) {
      throw this.#refusalFor(error);
    }
  }

  /** Sends the body from the spool; `carefully` where the server has to say first that it wants it. */
  async #sendKept(target: string, token: Token, carefully: boolean): Promise<Sent> {
    if (!this.#spool.isUsable) throw this.#unavailable('not-kept');
    const upstream = this.#begin(target, token, { length: this.#spool.size, expectsContinue: carefully });
    if (carefully) await upstream.wanted();
    await this.#sendSpool(upstream);
    try {
      return { upstream, answer: await upstream.answer };
    } catch (error) {
      throw this.#refusalFor(error);
    }
  }

  async #sendSpool(upstream: UpstreamRequest): Promise<void> {
    try {
      for await (const piece of this.#spool.read()) {
        if (upstream.isOver) return;
        await upstream.send(piece);
      }
      if (!upstream.isOver) upstream.end();
    } catch (error) {
      upstream.destroy();
      this.#parts.onSpoolFailure(error);
      throw this.#unavailable('not-kept');
    }
  }

  #begin(
    target: string,
    token: Token,
    {
      length,
      expectsContinue = false,
    }: { readonly length: number | null; readonly expectsContinue?: boolean },
  ): UpstreamRequest {
    const { upstream, tokenHeader, deadlineMs } = this.#rules;
    const headers = upstreamHeaders(this.#request.rawHeaders, {
      host: upstream.host,
      token: [tokenHeader.name, headerValue(tokenHeader, token.text.reveal())],
      length,
      hasBody: this.#hasBody,
      expectsContinue,
    });
    const request = new UpstreamRequest(upstream.request(this.#request.method ?? 'GET', target, headers), {
      clock: this.#parts.clock,
      deadlineMs,
    });
    this.#upstream = request;
    if (this.#response.destroyed) request.destroy();
    return request;
  }

  #declaredLength(): number | null {
    const declared = this.#request.headers['content-length'];
    return declared === undefined ? null : Number(declared);
  }

  /** The head is out from here on: what goes wrong now ends the connection, so that nobody takes a part for the whole. */
  async #pass({ upstream, answer }: Sent): Promise<void> {
    const response = this.#response;
    response.writeHead(answer.statusCode ?? 502, downstreamHeaders(answer.rawHeaders));
    this.#parts.meter.answered(answer.statusCode ?? 502);
    try {
      await pipeline(answer, response);
    } catch {
      response.destroy();
    } finally {
      if (!upstream.isSent) upstream.destroy();
    }
  }

  #isRejection({ statusCode }: IncomingMessage): boolean {
    return this.#rules.rejected.has(statusCode ?? 0);
  }

  #unavailable(replay: Parameters<typeof refusals.rejectedToken>[0]): Refusal {
    return refusals.rejectedToken(replay, this.#rules.tokens.retryAfterMs());
  }

  #refusalFor(error: unknown): Error {
    if (error instanceof BodyTooLarge) return refusals.tooLarge(this.#rules.maxBody);
    if (!(error instanceof NoAnswer)) return refusals.clientGone(error);
    if (error.kind !== 'unreached') return refusals.noAnswer(this.#rules.upstream.host, error.cause);
    const { reason, code } = this.#rules.upstream.connectFailure(error.cause);
    return refusals.notReached(code, reason);
  }
}
