/** The emulated F5 Distributed Cloud tenant: its API credentials, which are made by the control plane, listed, and revoked in bulk. */
import { jsonAnswer, type ApiAnswer, type ApiRequest, type Route } from '../api.ts';
import { presentedBy } from '../credentials.ts';
import type { EmulatorClock, EmulatorRandom } from '../environment.ts';
import { AskedFailures, revokeAll } from './bulk-revocation.ts';
import { CredentialStore, type CredentialType, type F5Credential } from './credential-store.ts';
import { f5Error, f5XcWording } from './errors.ts';
import { readRevokeRequest } from './revoke-request.ts';

export interface F5CredentialOptions {
  /** Default `API_TOKEN`. */
  readonly type?: CredentialType;
  /** Milliseconds since 1970-01-01T00:00:00Z; default 90 days from now. */
  readonly expiresAtMs?: number;
  /** Default false. */
  readonly admin?: boolean;
}

export interface F5XcReport {
  readonly credentials: {
    /** In the list, marked or not. */
    readonly listed: number;
    readonly marked: number;
    /** Gone from the list. */
    readonly removed: number;
  };
  /** How many names each bulk revocation held that was carried out, in order; 0 for one of the expired ones only. */
  readonly batches: readonly number[];
  readonly failing: Readonly<Record<string, number | 'always'>>;
  readonly removalMs: number;
}

interface F5XcOptions {
  /** It may revoke credentials from the start, and is not in the list. */
  readonly adminToken: string;
  readonly clock: EmulatorClock;
  readonly random: EmulatorRandom;
}

const usualLifeMs = 90 * 86_400_000;
const usualRemovalMs = 60_000;

type Caller = 'admin' | 'other' | 'nobody';

export class F5Xc {
  readonly credentials: CredentialStore;
  readonly failures = new AskedFailures();
  readonly routes: readonly Route[];
  readonly #options: F5XcOptions;
  readonly #batches: number[] = [];

  constructor(options: F5XcOptions) {
    this.#options = options;
    this.credentials = new CredentialStore(options.clock, options.random, usualRemovalMs);
    const namespace = '/api/web/namespaces/{namespace}';
    const revoke = `${namespace}/bulk_revoke/service_credentials`;
    const list = `${namespace}/api_credentials`;
    const common = { maxBodyBytes: 256 * 1024, wording: f5XcWording };
    const revokeMany = (request: ApiRequest): ApiAnswer => this.#revoke(request);
    const listAll = (request: ApiRequest): ApiAnswer => this.#list(request);
    this.routes = [
      { ...common, endpoint: 'f5-revoke', method: 'POST', path: revoke, handle: revokeMany },
      { ...common, endpoint: 'f5-list', method: 'GET', path: list, handle: listAll },
    ];
  }

  /** Creates all or none of them. Throws where a name is taken, or comes twice. */
  createCredentials(names: readonly string[], options: F5CredentialOptions = {}): readonly F5Credential[] {
    const taken = names.find((name, index) => names.indexOf(name) < index || this.credentials.find(name));
    if (taken !== undefined) throw new Error(`a credential ${JSON.stringify(taken)} already exists`);
    const { type = 'API_TOKEN', expiresAtMs = this.#options.clock() + usualLifeMs, admin = false } = options;
    return names
      .map((name) => this.credentials.create({ name, type, expiresAtMs, admin }))
      .filter((created) => created !== null);
  }

  /** Lets the revocation of these names fail, always or the next times; 0 ends it. */
  failRevocations(names: readonly string[], times: number | 'always'): void {
    for (const name of names) this.failures.set(name, times);
  }

  report(): F5XcReport {
    const listed = this.credentials.list();
    const marked = listed.filter((credential) => credential.markedAtMs !== null).length;
    return {
      credentials: { listed: listed.length, marked, removed: this.credentials.removed() },
      batches: [...this.#batches],
      failing: this.failures.list(),
      removalMs: this.credentials.removalMs,
    };
  }

  #revoke(request: ApiRequest): ApiAnswer {
    const refusal = this.#refusal(request, ['admin']);
    if (refusal !== null) return refusal;
    const wish = readRevokeRequest(request.body);
    if ('complaint' in wish) return f5Error(400, wish.complaint);
    this.#batches.push(wish.names.length);
    const names = new Set([...wish.names, ...this.#expired(wish.expiredOf)]);
    const answer = revokeAll([...names], this.credentials, this.failures);
    const { credentials_marked_for_deletion: marked, credentials_failed: failed } = answer;
    return jsonAnswer(200, answer, `marked ${marked.length} credentials, failed ${failed.length}`);
  }

  #list(request: ApiRequest): ApiAnswer {
    const refusal = this.#refusal(request, ['admin', 'other']);
    if (refusal !== null) return refusal;
    return jsonAnswer(200, { items: this.credentials.list().map(listing) });
  }

  #expired(type: CredentialType | null): readonly string[] {
    return this.credentials
      .list()
      .filter((each) => each.type === type && each.markedAtMs === null && this.credentials.expired(each))
      .map((each) => each.name);
  }

  /** Why a request is not served: nobody's, of a caller without the right, or about a namespace that is not there. */
  #refusal(request: ApiRequest, allowed: readonly Caller[]): ApiAnswer | null {
    const caller = this.#caller(request);
    if (caller === 'nobody') return f5Error(401, 'a valid API credential is required');
    if (!allowed.includes(caller)) return f5Error(403, 'only administrators may do this');
    const namespace = request.parameters['namespace'] ?? '';
    if (namespace !== 'system')
      return f5Error(404, `there is no namespace ${JSON.stringify(namespace)} with credentials`);
    return null;
  }

  #caller(request: ApiRequest): Caller {
    const presented = presentedBy(request.headers);
    if (presented?.carrier !== 'api-token') return 'nobody';
    if (presented.text === this.#options.adminToken) return 'admin';
    const credential = this.credentials.live(presented);
    if (credential === null) return 'nobody';
    return credential.admin ? 'admin' : 'other';
  }
}

function listing({ name, type, expiresAtMs, markedAtMs }: F5Credential): unknown {
  return {
    name,
    namespace: 'system',
    type,
    expiry: new Date(expiresAtMs).toISOString(),
    active: markedAtMs === null,
    marked_for_deletion: markedAtMs !== null,
  };
}
