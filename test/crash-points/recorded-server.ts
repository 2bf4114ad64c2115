import type { Answer, HttpAnswer } from '../../src/domain/outcome.ts';
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
import { SeededRandom } from '../fakes/seeded-random.ts';

/** What the server was asked, and when (wall clock, ms). */
type Call = { readonly wallMs: number } & ({ readonly create: string } | { readonly exchange: string });

/** Milliseconds, of the policy `grace`. */
const graceMs = 60_000;

/**
 * The emulator's rules behind the provider port. It is deterministic and remembers what it was asked, so that its mind can be
 * built anew as it was at a crash, as often as there are states to go on from.
 */
export class RecordedServer {
  /** Whether connections can be had. */
  reachable = true;
  /** Whether answers reach the client; the server commits all the same. */
  answering = true;
  /** Whether this version of the client understands the answers. */
  readable = true;
  /** Called as each whole answer reaches the client; `granted` = it carries a new secret. */
  delivered: (granted: boolean) => void = () => {};
  readonly calls: Call[] = [];
  /** With which it began. */
  readonly policy: RotationPolicy;
  readonly #registry: SecretRegistry;
  readonly #clock: Clock;
  #decisions: ExchangeDecision[] = [];
  #replayedWallMs: number | null = null;

  constructor(clock: Clock, policy: RotationPolicy, calls: readonly Call[] = []) {
    this.#clock = clock;
    this.policy = policy;
    const time = () => this.#replayedWallMs ?? clock.now().wallMs;
    const random = new SeededRandom(1);
    const bytes = (count: number) => Buffer.from(random.bytes(count));
    const tokens = new TokenLedger(time, bytes);
    this.#registry = new SecretRegistry({ rule: { policy, graceMs }, clock: time, random: bytes, tokens });
    for (const call of calls) this.#replay(call);
  }

  /** The policy from now on; what was decided stays decided. */
  change(policy: RotationPolicy): void {
    this.#registry.rule = { policy, graceMs };
  }

  /** A new secret, as `enroll` makes one. */
  create(name: string): string {
    this.calls.push({ wallMs: this.#clock.now().wallMs, create: name });
    return this.#create(name);
  }

  /** How many exchanges were granted so far. */
  get granted(): number {
    return this.#decisions.filter(({ kind }) => kind === 'granted').length;
  }

  /** The text of every token so far. */
  get tokens(): readonly string[] {
    return this.#decisions.flatMap((decision) => (decision.kind === 'granted' ? decision.accessToken : []));
  }

  /** How often a secret was presented that a later one has replaced, and was refused. */
  get spentSecretUses(): number {
    return this.#decisions.filter((decision) => decision.kind === 'refused' && decision.reason === 'spent')
      .length;
  }

  /** When each exchange arrived, wall-clock ms. */
  get arrivals(): readonly number[] {
    return this.calls.filter((call) => 'exchange' in call).map(({ wallMs }) => wallMs);
  }

  provider(): Provider {
    return {
      name: 'vcf-logs',
      capabilities: vcfLogsCapabilities,
      interpret: (answer) =>
        this.readable
          ? interpret(answer)
          : { kind: 'in-doubt', detail: 'another schema', retryAfterMs: null },
      connect: async () => {
        if (!this.reachable)
          return { kind: 'not-sent', code: 'SERVER_UNREACHABLE', reason: 'connection refused' };
        return {
          exchange: async (secret, ttlMs): Promise<Answer> => {
            const body = JSON.stringify({ secret: secret.reveal(), ttl: ttlMs });
            this.calls.push({ wallMs: this.#clock.now().wallMs, exchange: body });
            const decision = this.#decide(body);
            if (!this.answering) return { kind: 'unanswered', reason: 'reset' };
            this.delivered(decision.kind === 'granted');
            return answerOf(decision);
          },
          close: async () => {},
        };
      },
    };
  }

  #replay(call: Call): void {
    this.calls.push(call);
    this.#replayedWallMs = call.wallMs;
    if ('create' in call) this.#create(call.create);
    else this.#decide(call.exchange);
    this.#replayedWallMs = null;
  }

  #create(name: string): string {
    const created = this.#registry.create(name);
    if (created === null) throw new Error(`${name} exists`);
    return created.secret;
  }

  #decide(body: string): ExchangeDecision {
    const decision = commitExchange(this.#registry, Buffer.from(body));
    this.#decisions = [...this.#decisions, decision];
    return decision;
  }
}

function answerOf(decision: ExchangeDecision): HttpAnswer {
  const { status, body } = exchangeAnswer(decision);
  const headers = { 'content-type': 'application/json' };
  return { kind: 'http', status, headers, body: Buffer.from(body), complete: true };
}
