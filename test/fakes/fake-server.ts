import type { Answer, HttpAnswer, Outcome } from '../../src/domain/outcome.ts';
import type { ProbeVerdict } from '../../src/domain/probe.ts';
import type { Secret } from '../../src/domain/secret.ts';
import {
  commitExchange,
  exchangeAnswer,
  type ExchangeDecision,
} from '../../src/emulator/vcf-logs/exchange.ts';
import type { RotationPolicy } from '../../src/emulator/vcf-logs/rotation-policy.ts';
import { SecretRegistry } from '../../src/emulator/vcf-logs/secret-registry.ts';
import { TokenLedger } from '../../src/emulator/vcf-logs/token-ledger.ts';
import type { Clock } from '../../src/ports/clock.ts';
import type { Provider } from '../../src/ports/provider.ts';
import { vcfLogsCapabilities } from '../../src/providers/vcf-logs/capabilities.ts';
import { interpret } from '../../src/providers/vcf-logs/interpret.ts';
import { salvage } from '../../src/providers/vcf-logs/salvage.ts';
import type { SeededRandom } from './seeded-random.ts';

/**
 * What happens to one exchange on its way. The server never commits but under `none` and in the three last ones: there it
 * does, and the client never learns it (`stalled`: nothing comes until the client gives up).
 */
export type Mishap =
  | 'none'
  | 'unreachable'
  | 'lost-request'
  | 'stalled-request'
  | 'bad-gateway'
  | 'server-error'
  | 'unavailable'
  | 'rate-limited'
  | 'firewall'
  | 'login-page'
  | 'not-found'
  | 'redirect'
  | 'lost-answer'
  | 'stalled-answer'
  | 'gateway-timeout'
  | 'truncated';

/** The way between one client and the server. */
export interface Route {
  /** Asked once for every connection, and again for every exchange on it. */
  mishap(at: 'connect' | 'exchange'): Mishap;
  /** How long the two ways take, ms. */
  travel(): { readonly requestMs: number; readonly answerMs: number };
  /** The client's: an answer waits for a client that sleeps, and never comes to one that is gone. */
  readonly clock: Clock;
  /** The server made up its mind; the answer has not left yet. */
  decided?(decision: ExchangeDecision): void;
}

interface ProviderOptions {
  readonly rotates?: boolean;
  readonly exchange?: boolean;
  readonly probeEveryMs?: number | null;
  readonly route?: Route;
}

/** A log server in memory: the emulator's own rules behind the provider port, with mishaps that a test chooses. */
export class FakeServer {
  readonly registry: SecretRegistry;
  readonly tokens: TokenLedger;
  /** Of every client without a route of its own. */
  mishap: (at: 'connect' | 'exchange') => Mishap = () => 'none';
  /** How long an answer is on its way, ms, for every client without a route of its own. What the server does it does at once. */
  latencyMs = 0;
  /** Gives the body of an answer another form, as a newer server might; null: as it is. */
  reform: ((body: string) => string) | null = null;
  /** When each exchange arrived, wall-clock ms. */
  readonly arrivals: number[] = [];
  /** How often a token was shown to the server, and what it says to that; null: the truth. */
  probes = 0;
  probeVerdict: ProbeVerdict | null = null;
  readonly #issued = new Set<string>();
  readonly #dead = new Set<string>();
  readonly #clock: Clock;

  constructor(policy: RotationPolicy, clock: Clock, random: SeededRandom, graceMs = 60_000) {
    this.#clock = clock;
    const time = () => clock.now().wallMs;
    const bytes = (count: number) => Buffer.from(random.bytes(count));
    this.tokens = new TokenLedger(time, bytes);
    this.registry = new SecretRegistry({
      rule: { policy, graceMs },
      clock: time,
      random: bytes,
      tokens: this.tokens,
    });
  }

  /** A new secret at the server, as `enroll` makes one. */
  create(name: string): string {
    const created = this.registry.create(name);
    if (created === null) throw new Error(`${name} exists`);
    return created.secret;
  }

  /**
   * `rotates` false: a product whose exchange gives a token only. `exchange` false: one whose secret is the token.
   * `probeEveryMs`: with a probe.
   */
  provider({
    rotates = true,
    exchange = true,
    probeEveryMs = null,
    route = this.#route(),
  }: ProviderOptions = {}): Provider {
    const probe = (token: Secret) => this.#probe(token);
    return {
      name: 'vcf-logs',
      capabilities: { ...vcfLogsCapabilities, rotates, exchange },
      interpret: (answer) => {
        const outcome = interpret(answer);
        if (!exchange && outcome.kind === 'granted')
          return { ...outcome, token: null, ttlMs: null, newSecret: null };
        return rotates ? outcome : withoutNewSecret(outcome);
      },
      ...(rotates && { salvage }),
      ...(probeEveryMs !== null && { probe }),
      connect: async () => {
        if (route.mishap('connect') === 'unreachable')
          return { kind: 'not-sent', code: 'SERVER_UNREACHABLE', reason: 'connection refused' };
        return {
          exchange: (secret, ttlMs, signal) =>
            this.#exchange(JSON.stringify({ secret: secret.reveal(), ttl: ttlMs }), route, signal),
          close: async () => {},
        };
      },
    };
  }

  /** From now on the server rejects every token that it has issued so far. */
  revokeTokens(): void {
    for (const token of this.#issued) this.#dead.add(token);
  }

  /** Whether it was not revoked: one that was issued, or a secret that is the token. Of its end nothing is said. */
  honoursToken(token: string): boolean {
    return this.#issued.has(token) ? !this.#dead.has(token) : this.registry.honours(token);
  }

  async #probe(token: Secret): Promise<ProbeVerdict> {
    this.probes += 1;
    await passed(this.#clock, this.latencyMs);
    if (this.probeVerdict !== null) return this.probeVerdict;
    return this.honoursToken(token.reveal())
      ? { kind: 'works' }
      : { kind: 'rejected', detail: 'the server answered 401' };
  }

  #route(): Route {
    return {
      mishap: (at) => this.mishap(at),
      travel: () => ({ requestMs: 0, answerMs: this.latencyMs }),
      clock: this.#clock,
    };
  }

  /** Ends when the answer is there, or when the client gives up; what was sent arrives all the same. */
  async #exchange(body: string, route: Route, signal: AbortSignal): Promise<Answer> {
    const mishap = route.mishap('exchange');
    const { requestMs, answerMs } = route.travel();
    const answered = this.#answered(body, mishap, route, requestMs);
    const givenUp = new Promise<Answer>((resolve) => {
      signal.addEventListener('abort', () => resolve({ kind: 'unanswered', reason: 'timeout' }));
    });
    const delivered = answered.then(async (answer) => {
      if (answer === null) return givenUp;
      await passed(route.clock, answerMs);
      return answer;
    });
    return Promise.race([delivered, givenUp]);
  }

  /** null: no answer ever leaves. */
  async #answered(body: string, mishap: Mishap, route: Route, requestMs: number): Promise<Answer | null> {
    if (mishap === 'stalled-request') return null;
    if (mishap === 'lost-request' || mishap === 'unreachable') return { kind: 'unanswered', reason: 'reset' };
    await passed(this.#clock, requestMs);
    this.arrivals.push(this.#clock.now().wallMs);
    const without = answersWithoutCommit[mishap];
    if (without !== undefined) return without;
    const decision = commitExchange(this.registry, Buffer.from(body));
    if (decision.kind === 'granted') this.#issued.add(decision.accessToken);
    route.decided?.(decision);
    const answer = exchangeAnswer(decision);
    const whole = http(answer.status, this.reform?.(answer.body) ?? answer.body);
    switch (mishap) {
      case 'stalled-answer':
        return null;
      case 'lost-answer':
        return { kind: 'unanswered', reason: 'reset' };
      case 'gateway-timeout':
        return page(504);
      case 'truncated':
        return { ...whole, body: whole.body.subarray(0, 40), complete: false };
      default:
        return whole;
    }
  }
}

async function passed(clock: Clock, ms: number): Promise<void> {
  if (ms === 0) return;
  await new Promise<void>((resolve) => {
    clock.after(ms, resolve);
  });
}

function http(status: number, body: string): HttpAnswer {
  return {
    kind: 'http',
    status,
    headers: { 'content-type': 'application/json' },
    body: Buffer.from(body),
    complete: true,
  };
}

function withoutNewSecret(outcome: Outcome): Outcome {
  return outcome.kind === 'granted' ? { ...outcome, newSecret: null } : outcome;
}

function page(status: number): HttpAnswer {
  return { ...http(status, '<html>no</html>'), headers: { 'content-type': 'text/html' } };
}

function withHeaders(answer: HttpAnswer, headers: HttpAnswer['headers']): HttpAnswer {
  return { ...answer, headers };
}

const answersWithoutCommit: Readonly<Partial<Record<Mishap, HttpAnswer>>> = {
  'bad-gateway': page(502),
  'server-error': http(500, '{"errorCode":"INTERNAL_SERVER_ERROR","errorMessage":"try again"}'),
  unavailable: withHeaders(page(503), { 'content-type': 'text/html', 'retry-after': '20' }),
  'rate-limited': withHeaders(http(429, ''), { 'retry-after': '30' }),
  firewall: page(403),
  'login-page': page(200),
  'not-found': http(404, ''),
  redirect: withHeaders(http(302, ''), { location: 'https://login.example.com/' }),
};
