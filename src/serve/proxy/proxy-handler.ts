import type { IncomingMessage, ServerResponse } from 'node:http';
import { asTokenwardError } from '../../domain/errors.ts';
import { errorCode } from '../../platform/system-error.ts';
import type { Peer } from '../peer.ts';
import { sendReply } from '../wire.ts';
import { isClient } from './client.ts';
import { Forwarding, type ForwardParts } from './forward.ts';
import type { ProxyDependencies, ProxyRules } from './proxy-rules.ts';
import * as refusals from './refusals.ts';
import { Refusal } from './refusals.ts';
import type { SpoolParts } from './spool.ts';
import { judgeTarget } from './target.ts';

/** A request that has come to the proxy, and from whom. */
export interface ProxyCall {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly peer: Peer;
  /** What the client expects before it sends its body. */
  readonly expectation: 'none' | 'continue' | 'unknown';
}

type HandlerParts = ProxyDependencies & Pick<SpoolParts, 'memory' | 'disk'>;

/** Bytes of one body that stay in memory. */
const inMemoryBytes = 256 * 1024;
/** Milliseconds for which the rest of an unwanted body is read: a connection that ends before is reset, and its answer lost. */
const lingerMs = 1_000;

/** Judges requests, has them forwarded, and answers itself where that cannot be. */
export class ProxyHandler {
  /** Those of now; a request that has begun goes on by those it began with. */
  rules: ProxyRules;
  readonly #dependencies: HandlerParts;
  #isClosing = false;

  constructor(rules: ProxyRules, dependencies: HandlerParts) {
    this.rules = rules;
    this.#dependencies = dependencies;
  }

  /** From here on every answer is the last on its connection. */
  beginClosing(): void {
    this.#isClosing = true;
  }

  /** Never rejects. */
  async handle(call: ProxyCall): Promise<void> {
    const { rules } = this;
    const meter = this.#dependencies.metrics.proxy(rules.agent);
    if (this.#isClosing) call.response.shouldKeepAlive = false;
    meter.open(1);
    try {
      const target = await this.#judge(call, rules);
      const forwarding = new Forwarding(call.request, call.response, rules, this.#parts(rules));
      await forwarding.run(target, call.expectation === 'continue');
    } catch (error) {
      this.#refuse(call, rules, error);
    } finally {
      meter.open(-1);
    }
  }

  /** Resolves to the path and query that go to the server. Nothing of the body has been read yet. */
  async #judge({ request, peer, expectation }: ProxyCall, rules: ProxyRules): Promise<string> {
    if (!(await isClient(rules.client, { uid: peer.uid, headers: request.headers }))) {
      this.#dependencies.log.warn('proxy-client-refused', {
        agent: rules.agent,
        uid: peer.uid,
        pid: peer.pid,
      });
      throw refusals.unknownClient(peer.uid);
    }
    const { method = '', url: target = '' } = request;
    const verdict = judgeTarget({ method, target, host: request.headers.host }, rules.target);
    if (verdict.kind !== 'allowed') throw refusals.wrongTarget(verdict);
    if (expectation === 'unknown') throw refusals.wrongExpectation();
    if (Number(request.headers['content-length'] ?? 0) > rules.maxBody)
      throw refusals.tooLarge(rules.maxBody);
    return verdict.pathAndQuery;
  }

  #parts({ agent }: ProxyRules): ForwardParts {
    const { clock, metrics, memory, disk, log } = this.#dependencies;
    return {
      clock,
      meter: metrics.proxy(agent),
      spool: { memory, disk, inMemory: inMemoryBytes, openFile: () => this.#dependencies.openScratchFile() },
      onSpoolFailure: (error) =>
        log.warn('proxy-spool-failed', { agent, errno: errorCode(error) ?? 'unknown' }),
    };
  }

  #refuse({ request, response, expectation }: ProxyCall, { agent }: ProxyRules, error: unknown): void {
    const { log, metrics, clock } = this.#dependencies;
    const refusal =
      error instanceof Refusal ? error : new Refusal(asTokenwardError(error), { endsConnection: true });
    if (response.headersSent || response.destroyed) {
      response.destroy();
      return;
    }
    const { code } = refusal.error;
    if (code === 'INTERNAL') log.error('request-failed', { route: 'proxy', error });
    const reply = refusal.reply(agent);
    if (reply.status === 503) log.warn('proxy-unavailable', { agent, code, reason: refusal.error.message });
    metrics.proxy(agent).answered(reply.status);
    const isWhole = request.complete || expectation !== 'none';
    if (isWhole || !refusal.endsConnection)
      return sendReply(response, reply, refusal.endsConnection || this.#isClosing);
    response.shouldKeepAlive = false;
    response.writeHead(reply.status, reply.headers as string[]);
    response.write(reply.body, 'latin1');
    const cancel = clock.after(lingerMs, () => response.end());
    request.once('end', () => response.end());
    response.once('close', cancel);
    request.resume();
  }
}
