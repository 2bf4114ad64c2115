/** The emulated vcf-logs server: its state and its table of routes. The other products stand beside it in folders of their own. */
import { jsonAnswer, type ApiAnswer, type ApiRequest, type Route } from '../api.ts';
import { presentedBy } from '../credentials.ts';
import type { EmulatorClock, EmulatorRandom } from '../environment.ts';
import { adminOnly, createSecret, listSecrets, revokeSecret } from './administration.ts';
import { errorAnswer, vcfLogsWording } from './error-body.ts';
import { ExchangeCounters, type ExchangeReport } from './exchange-counters.ts';
import { commitExchange, exchangeAnswer } from './exchange.ts';
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
}

export class VcfLogs {
  readonly registry: SecretRegistry;
  readonly tokens: TokenLedger;
  readonly routes: readonly Route[];
  readonly #exchanges: ExchangeCounters;

  constructor(options: VcfLogsOptions) {
    this.tokens = new TokenLedger(options.clock, options.random);
    this.#exchanges = new ExchangeCounters(options.clock);
    this.registry = new SecretRegistry({ ...options, tokens: this.tokens });
    this.routes = this.#table(options.adminToken);
  }

  report(): VcfLogsReport {
    const { registry } = this;
    return {
      ...registry.rule,
      exchanges: this.#exchanges.report(),
      secrets: registry.report(),
    };
  }

  #table(adminToken: string): Route[] {
    const { registry } = this;
    const admin = (handle: Route['handle']): Route['handle'] => adminOnly(adminToken, handle);
    const create = admin((request) => createSecret(registry, request));
    const list = admin(() => listSecrets(registry));
    const revoke = admin((request) => revokeSecret(registry, request));
    const exchange = (request: ApiRequest): ApiAnswer => this.#exchange(request);
    const session = (request: ApiRequest): ApiAnswer => this.#session(request);
    const secrets = '/api/v2/agent/secrets';
    const common = { maxBodyBytes: 64 * 1024, wording: vcfLogsWording };
    return [
      { ...common, endpoint: 'exchange', method: 'POST', path: `${secrets}/exchange`, handle: exchange },
      { ...common, endpoint: 'create', method: 'POST', path: secrets, handle: create },
      { ...common, endpoint: 'list', method: 'GET', path: secrets, handle: list },
      { ...common, endpoint: 'revoke', method: 'POST', path: `${secrets}/{name}/revoke`, handle: revoke },
      { ...common, endpoint: 'session', method: 'GET', path: '/api/v2/sessions/current', handle: session },
    ];
  }

  /** Something to ask with an access token that changes nothing, for a probe. */
  #session(request: ApiRequest): ApiAnswer {
    const presented = presentedBy(request.headers);
    const name = presented === null ? null : this.tokens.holder(presented);
    if (name === null) return errorAnswer(401, 'SECURITY_ERROR', 'a valid token is required');
    return jsonAnswer(200, { name }, `session of ${JSON.stringify(name)}`);
  }

  #exchange(request: ApiRequest): ApiAnswer {
    const decision = commitExchange(this.registry, request.body);
    this.#exchanges.record(decision);
    return exchangeAnswer(decision);
  }
}
