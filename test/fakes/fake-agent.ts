import type { RecoveryRequest, RecoveryResult } from '../../src/domain/recovery-report.ts';
import type { Secret } from '../../src/domain/secret.ts';
import type { AgentStatus } from '../../src/domain/status.ts';
import { remainingMs, type Token } from '../../src/domain/token.ts';
import { credential } from '../../src/platform/fingerprint.ts';
import type { Agent, TokenRejection } from '../../src/ports/agent.ts';
import type { Clock } from '../../src/ports/clock.ts';

interface HandOver {
  readonly secret: Secret;
  readonly stored: PromiseWithResolvers<void>;
  readonly judged: PromiseWithResolvers<void>;
}

/** An agent that a test plays: it has the token, the plans and the answers that it is given. */
export class FakeAgent implements Agent {
  readonly name: string;
  readonly refreshes: { readonly signal: AbortSignal; readonly answer: PromiseWithResolvers<void> }[] = [];
  readonly handOvers: HandOver[] = [];
  readonly rejections: TokenRejection[] = [];
  readonly recoveries: {
    readonly request: RecoveryRequest;
    readonly answer: PromiseWithResolvers<RecoveryResult>;
  }[] = [];
  /** What {@link FakeAgent.status} says instead of what follows from the token. */
  overrides: Partial<AgentStatus> = {};
  retryMs = 5000;
  readonly #clock: Clock;
  readonly #end = new AbortController();
  readonly #listeners = new Set<() => void>();
  #token: Token | null = null;
  #refreshAtMs: number | null = null;

  constructor(name: string, clock: Clock) {
    this.name = name;
    this.#clock = clock;
  }

  /** Has this token from now on, for `ttlMs` milliseconds, and tells its listeners. */
  publish(text: string, ttlMs = 600_000): Token {
    const sequence = (this.#token?.sequence ?? 0) + 1;
    const sentAt = this.#clock.now();
    this.#token = { ...credential(text), sequence, generation: sequence, sentAt, ttlMs, jitterDraw: 0.5 };
    this.#notify();
    return this.#token;
  }

  /** Plans its next refresh `inMs` milliseconds from now (null: none), and tells its listeners. */
  planRefresh(inMs: number | null): void {
    this.#refreshAtMs = inMs === null ? null : this.#clock.now().bootMs + inMs;
    this.#notify();
  }

  /** Says something else in its status from now on, and tells its listeners. */
  become(overrides: Partial<AgentStatus>): void {
    this.overrides = overrides;
    this.#notify();
  }

  /** Has an event that changes nothing that can be seen. */
  wake(): void {
    this.#notify();
  }

  /** Is given up. */
  end(): void {
    this.#end.abort();
  }

  get ended(): AbortSignal {
    return this.#end.signal;
  }

  get listeners(): number {
    return this.#listeners.size;
  }

  token(): Token | null {
    return this.#token !== null && remainingMs(this.#token, this.#clock.now()) > 0 ? this.#token : null;
  }

  status(): AgentStatus {
    const valid = this.token() !== null;
    return {
      agent: this.name,
      provider: 'vcf-logs',
      state: valid ? 'active' : 'acquiring',
      token: {
        status: valid ? 'valid' : 'none',
        sequence: this.#token?.sequence ?? 0,
        fingerprint: this.#token?.fingerprint ?? null,
        expires_at: null,
        expires_in: null,
      },
      secret: { status: 'held', generation: 1, store: 'file', persisted: true },
      next_refresh_at: null,
      last_exchange: null,
      alerts: [],
      ...this.overrides,
    };
  }

  retryAfterMs(): number {
    return this.retryMs;
  }

  nextRefreshInMs(): number | null {
    return this.#refreshAtMs === null ? null : Math.max(0, this.#refreshAtMs - this.#clock.now().bootMs);
  }

  subscribe(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  refresh(signal: AbortSignal): Promise<void> {
    const answer = Promise.withResolvers<void>();
    this.refreshes.push({ signal, answer });
    return answer.promise;
  }

  report(rejection: TokenRejection): { readonly sequence: number; readonly matches: boolean } {
    this.rejections.push(rejection);
    const matches = this.token()?.fingerprint === rejection.fingerprint;
    return { sequence: this.#token?.sequence ?? 0, matches };
  }

  handOver(secret: Secret): { readonly stored: Promise<void>; readonly judged: Promise<void> } {
    const stored = Promise.withResolvers<void>();
    const judged = Promise.withResolvers<void>();
    this.handOvers.push({ secret, stored, judged });
    return { stored: stored.promise, judged: judged.promise };
  }

  recover(request: RecoveryRequest): Promise<RecoveryResult> {
    const answer = Promise.withResolvers<RecoveryResult>();
    this.recoveries.push({ request, answer });
    return answer.promise;
  }

  #notify(): void {
    for (const listener of this.#listeners) listener();
  }
}
