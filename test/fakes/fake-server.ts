import type { Answer, HttpAnswer, Outcome } from '../../src/domain/outcome.ts';
import { commitExchange, exchangeAnswer } from '../../src/emulator/vcf-logs/exchange.ts';
import type { RotationPolicy } from '../../src/emulator/vcf-logs/rotation-policy.ts';
import { SecretRegistry } from '../../src/emulator/vcf-logs/secret-registry.ts';
import { TokenLedger } from '../../src/emulator/vcf-logs/token-ledger.ts';
import type { Clock } from '../../src/ports/clock.ts';
import type { Provider } from '../../src/ports/provider.ts';
import { interpret } from '../../src/providers/vcf-logs/interpret.ts';
import type { SeededRandom } from './seeded-random.ts';

/** What happens to one exchange on its way. `lost-answer` and `lost-request` differ in whether the server committed. */
export type Mishap =
  | 'none'
  | 'unreachable'
  | 'lost-request'
  | 'lost-answer'
  | 'truncated'
  | 'bad-gateway'
  | 'rate-limited'
  | 'firewall'
  | 'not-found';

/** A log server in memory: the emulator's own rules behind the provider port, with mishaps that a test chooses. */
export class FakeServer {
  readonly registry: SecretRegistry;
  /** Asked once for every connection, and again for every exchange on it. */
  mishap: (at: 'connect' | 'exchange') => Mishap = () => 'none';
  /** How long an answer is on its way, ms. What the server does it does at once. */
  latencyMs = 0;
  /** When each exchange arrived, wall-clock ms. */
  readonly arrivals: number[] = [];
  readonly #clock: Clock;

  constructor(policy: RotationPolicy, clock: Clock, random: SeededRandom) {
    this.#clock = clock;
    const time = () => clock.now().wallMs;
    const bytes = (count: number) => Buffer.from(random.bytes(count));
    this.registry = new SecretRegistry({
      rule: { policy, graceMs: 60_000 },
      clock: time,
      random: bytes,
      tokens: new TokenLedger(time, bytes),
    });
  }

  /** A new secret at the server, as `enroll` makes one. */
  create(name: string): string {
    const created = this.registry.create(name);
    if (created === null) throw new Error(`${name} exists`);
    return created.secret;
  }

  /** `rotates` false: a product whose exchange gives a token only. */
  provider({ rotates = true } = {}): Provider {
    return {
      name: 'vcf-logs',
      capabilities: { exchange: true, rotates },
      interpret: (answer) => (rotates ? interpret(answer) : withoutNewSecret(interpret(answer))),
      connect: async () => {
        if (this.mishap('connect') === 'unreachable')
          return { kind: 'not-sent', code: 'SERVER_UNREACHABLE', reason: 'connection refused' };
        return {
          exchange: async (secret, ttlMs, signal) => {
            const answer = this.#exchange(JSON.stringify({ secret: secret.reveal(), ttl: ttlMs }));
            return (await this.#arrived(signal)) ? answer : { kind: 'unanswered', reason: 'timeout' };
          },
          close: async () => {},
        };
      },
    };
  }

  /** Resolves to whether the answer was there in time. */
  async #arrived(signal: AbortSignal): Promise<boolean> {
    if (this.latencyMs === 0) return true;
    return new Promise((resolve) => {
      signal.addEventListener('abort', () => resolve(false));
      this.#clock.after(this.latencyMs, () => resolve(true));
    });
  }

  #exchange(body: string): Answer {
    const mishap = this.mishap('exchange');
    if (mishap === 'lost-request' || mishap === 'unreachable') return { kind: 'unanswered', reason: 'reset' };
    this.arrivals.push(this.#clock.now().wallMs);
    if (mishap === 'bad-gateway') return page(502);
    if (mishap === 'firewall') return page(403);
    if (mishap === 'not-found') return http(404, '');
    if (mishap === 'rate-limited') return { ...http(429, ''), headers: { 'retry-after': '30' } };
    const answer = exchangeAnswer(commitExchange(this.registry, Buffer.from(body)));
    if (mishap === 'lost-answer') return { kind: 'unanswered', reason: 'reset' };
    const whole = http(answer.status, answer.body);
    return mishap === 'truncated' ? { ...whole, body: whole.body.subarray(0, 40), complete: false } : whole;
  }
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
