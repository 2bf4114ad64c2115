/** The emulated vcf-logs server: its state and its table of routes. Another product stands beside it in a folder of its own. */
import type { ApiAnswer, ApiRequest, Route } from '../api.ts';
import type { EmulatorClock, EmulatorRandom } from '../environment.ts';
import { adminOnly, createSecret, listSecrets, revokeSecret } from './administration.ts';
import { EventLedger, type EventReport } from './event-ledger.ts';
import { ExchangeCounters, type ExchangeReport } from './exchange-counters.ts';
import { commitExchange, exchangeAnswer } from './exchange.ts';
import { ingest, maxIngestBytes } from './ingestion.ts';
import type { RotationRule } from './rotation-policy.ts';
import { SecretRegistry, type FamilyReport } from './secret-registry.ts';
import { TokenLedger } from './token-ledger.ts';

export interface VcfLogsOptions {
  readonly rule: RotationRule;
  /** What an administrator sends as `Authorization: Bearer …`. */
  readonly adminToken: string;
  readonly clock: EmulatorClock;
  readonly random: EmulatorRandom;
}

export interface VcfLogsReport extends RotationRule {
  readonly exchanges: ExchangeReport;
  /** By the name of the secret. */
  readonly secrets: Readonly<Record<string, FamilyReport>>;
  readonly events: EventReport;
}

export class VcfLogs {
  readonly registry: SecretRegistry;
  readonly routes: readonly Route[];
  readonly #tokens: TokenLedger;
  readonly #exchanges: ExchangeCounters;
  readonly #events = new EventLedger();

  constructor(options: VcfLogsOptions) {
    this.#tokens = new TokenLedger(options.clock, options.random);
    this.#exchanges = new ExchangeCounters(options.clock);
    this.registry = new SecretRegistry({ ...options, tokens: this.#tokens });
    this.routes = this.#table(options.adminToken);
  }

  report(): VcfLogsReport {
    const { registry } = this;
    return {
      ...registry.rule,
      exchanges: this.#exchanges.report(),
      secrets: registry.report(),
      events: this.#events.report(),
    };
  }

  #table(adminToken: string): Route[] {
    const { registry } = this;
    const admin = (handle: Route['handle']): Route['handle'] => adminOnly(adminToken, handle);
    const create = admin((request) => createSecret(registry, request));
    const list = admin(() => listSecrets(registry));
    const revoke = admin((request) => revokeSecret(registry, request));
    const exchange = (request: ApiRequest): ApiAnswer => this.#exchange(request);
    const events = (request: ApiRequest): ApiAnswer => ingest(request, this.#tokens, this.#events);
    const secrets = '/api/v2/agent/secrets';
    const ingestion = '/api/v2/events';
    const small = 64 * 1024;
    const large = maxIngestBytes;
    return [
      {
        endpoint: 'exchange',
        method: 'POST',
        path: `${secrets}/exchange`,
        maxBodyBytes: small,
        handle: exchange,
      },
      { endpoint: 'create', method: 'POST', path: secrets, maxBodyBytes: small, handle: create },
      { endpoint: 'list', method: 'GET', path: secrets, maxBodyBytes: small, handle: list },
      {
        endpoint: 'revoke',
        method: 'POST',
        path: `${secrets}/{name}/revoke`,
        maxBodyBytes: small,
        handle: revoke,
      },
      { endpoint: 'ingest', method: 'POST', path: ingestion, maxBodyBytes: large, handle: events },
      {
        endpoint: 'ingest',
        method: 'POST',
        path: `${ingestion}/ingest/{agentId}`,
        maxBodyBytes: large,
        handle: events,
      },
    ];
  }

  #exchange(request: ApiRequest): ApiAnswer {
    const decision = commitExchange(this.registry, request.body);
    this.#exchanges.record(decision);
    return exchangeAnswer(decision);
  }
}
