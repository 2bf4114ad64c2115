/** An emulator over HTTPS with a throw-away authority and a clock moved by hand, and a client that trusts it. */
import { request, type RequestOptions } from 'node:https';
import { createAuthority, issueLeaf, type Leaf } from '../../../src/emulator/certificates.ts';
import { startEmulator, type Emulator, type EmulatorOptions } from '../../../src/emulator/start-emulator.ts';

const hour = 3_600_000;
export const validity = { from: new Date(Date.now() - hour), to: new Date(Date.now() + 24 * hour) };
export const authority = createAuthority('tokenward test authority', validity);
export const serverLeaf = issueLeaf(authority, {
  commonName: 'emulator',
  usage: 'server',
  validity,
  hosts: ['127.0.0.1', 'localhost'],
});

export const adminToken = 'ADMIN';
export const admin = { authorization: `Bearer ${adminToken}` };
export const secretsPath = '/api/v2/agent/secrets';
export const providerPath = '/api/v3/onezone/provider';
export const temporaryPath = `${providerPath}/tokens/temporary`;
const namespacePath = '/api/web/namespaces/system';
export const bulkRevokePath = `${namespacePath}/bulk_revoke/service_credentials`;
export const credentialsPath = `${namespacePath}/api_credentials`;

export interface Reply {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly text: string;
}

export interface CallOptions {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Buffer;
  /** A client certificate. */
  readonly client?: Leaf;
  readonly signal?: AbortSignal;
}

/** One request on a connection of its own. Rejects with Node's error where no whole answer came. */
export function call(url: string, path: string, options: CallOptions = {}): Promise<Reply> {
  const { method = 'GET', headers = {}, body, client, signal } = options;
  const settings: RequestOptions = { method, headers, ca: authority.cert, agent: false, ...client };
  return new Promise((resolve, reject) => {
    const outgoing = request(`${url}${path}`, signal ? { ...settings, signal } : settings, (incoming) => {
      const chunks: Buffer[] = [];
      incoming.on('data', (chunk: Buffer) => chunks.push(chunk));
      incoming.on('error', reject);
      incoming.on('end', () => {
        resolve({
          status: incoming.statusCode ?? 0,
          headers: incoming.headers,
          text: Buffer.concat(chunks).toString(),
        });
      });
    });
    outgoing.on('error', reject);
    outgoing.end(body);
  });
}

export interface Grant {
  readonly access_token: string;
  readonly name: string;
  readonly new_secret: string;
  readonly ttl: number;
}

export class HttpsEmulator implements AsyncDisposable {
  readonly emulator: Emulator;
  readonly lines: readonly string[];
  readonly #time: { nowMs: number };

  private constructor(emulator: Emulator, lines: readonly string[], time: { nowMs: number }) {
    this.emulator = emulator;
    this.lines = lines;
    this.#time = time;
  }

  static async start(options: Partial<EmulatorOptions> = {}): Promise<HttpsEmulator> {
    const lines: string[] = [];
    const time = { nowMs: Date.parse('2027-01-01T00:00:00Z') };
    const log = (line: string): void => void lines.push(line);
    const emulator = await startEmulator({
      adminToken,
      tls: serverLeaf,
      clock: () => time.nowMs,
      log,
      ...options,
    });
    return new HttpsEmulator(emulator, lines, time);
  }

  get nowMs(): number {
    return this.#time.nowMs;
  }

  advance(ms: number): void {
    this.#time.nowMs += ms;
  }

  get(path: string, options: CallOptions = {}): Promise<Reply> {
    return call(this.emulator.url, path, options);
  }

  post(path: string, body: unknown, headers: Readonly<Record<string, string>> = {}): Promise<Reply> {
    const text = typeof body === 'string' || Buffer.isBuffer(body) ? body : JSON.stringify(body);
    return call(this.emulator.url, path, { method: 'POST', headers, body: text });
  }

  exchange(secret: string, ttl?: unknown): Promise<Reply> {
    return this.post(`${secretsPath}/exchange`, { secret, ttl });
  }

  async grant(secret: string, ttl?: number): Promise<Grant> {
    const reply = await this.exchange(secret, ttl);
    if (reply.status !== 200) throw new Error(`not granted: ${reply.status}`);
    return JSON.parse(reply.text) as Grant;
  }

  /** Onezone's request for a temporary token; by default one that lives a minute. */
  issueTemporary(lastingToken: string, validUntil = this.nowMs / 1_000 + 60): Promise<Reply> {
    const body = { type: { accessToken: {} }, caveats: [{ type: 'time', validUntil }] };
    return this.post(temporaryPath, body, { 'x-auth-token': lastingToken });
  }

  async temporaryToken(lastingToken: string): Promise<string> {
    const reply = await this.issueTemporary(lastingToken);
    if (reply.status !== 201) throw new Error(`not issued: ${reply.status}`);
    return (JSON.parse(reply.text) as { readonly token: string }).token;
  }

  /** F5's bulk revocation; by default as the administrator. */
  bulkRevoke(body: unknown, credential = adminToken): Promise<Reply> {
    return this.post(bulkRevokePath, body, { authorization: `APIToken ${credential}` });
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.emulator.close();
  }
}
