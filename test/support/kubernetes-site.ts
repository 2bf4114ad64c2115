import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Variant } from '../e2e/one-holder/variant.ts';
import { FakeCluster, type Place } from '../fakes/kubernetes/cluster.ts';
import { ApiServer } from '../fakes/kubernetes/http-front.ts';
import { Installation, type InstallationOptions } from './installation.ts';
import { throwAwayTls } from './throw-away-tls.ts';

const at = { namespace: 'logs', name: 'web-01' };

/** An installation whose secret is in a cluster: its Secret and its Lease exist, and a service account may use them. */
export class KubernetesSite implements AsyncDisposable {
  readonly site: Installation;
  readonly server: ApiServer;
  readonly secret: Place = { resource: 'secrets', ...at };
  readonly lease: Place = { resource: 'leases', ...at };
  readonly #folder: string;

  private constructor(site: Installation, server: ApiServer, folder: string) {
    this.site = site;
    this.server = server;
    this.#folder = folder;
  }

  static async create({ config, ...options }: InstallationOptions = {}): Promise<KubernetesSite> {
    const folder = await mkdtemp(join(tmpdir(), 'tokenward-cluster-'));
    const { ca, identity } = throwAwayTls();
    const server = await ApiServer.start(new FakeCluster(), identity);
    const [caFile, tokenFile] = [join(folder, 'ca.crt'), join(folder, 'token')];
    await writeFile(caFile, ca);
    const secret = {
      store: 'kubernetes',
      ...at,
      api_server: `https://127.0.0.1:${server.port}`,
      token_file: tokenFile,
      ca_file: caFile,
    };
    const site = await Installation.create({
      ...options,
      config: { ...config, agent: { secret, ...config?.agent } },
    });
    const made = new KubernetesSite(site, server, folder);
    for (const place of [made.secret, made.lease]) server.cluster.create(place);
    await made.rotateToken();
    return made;
  }

  /** The account gets another token, and the one before is worth nothing. */
  async rotateToken(): Promise<void> {
    const token = `token-${Date.now()}-${Math.random()}`;
    await writeFile(join(this.#folder, 'token'), token);
    this.server.tokens.clear();
    this.server.tokens.add(token);
  }

  /** The names of what is in the Secret. */
  keys(): readonly string[] {
    return Object.keys(this.server.cluster.get(this.secret).data ?? {}).toSorted();
  }

  /** A pod is gone, and its volume with it. */
  async loseVolume(): Promise<void> {
    await rm(this.site.stateDir, { recursive: true });
    await mkdir(this.site.stateDir, { mode: 0o700 });
  }

  /** As if the lease of a pod that was killed had been waited out. */
  lapse(): void {
    this.server.cluster.edit(this.lease, ({ spec: _spec, ...object }) => object);
  }

  /** Another pod of the same secret, with a volume and a token file of its own. */
  async otherPod(name: string): Promise<Variant> {
    const stateDir = join(this.#folder, name);
    await mkdir(stateDir, { mode: 0o700 });
    const files = [{ path: this.tokenFileOf(name), mode: '0600' }];
    return Variant.create(this.site, name, ({ agents }) => ({
      state_dir: stateDir,
      agents: { [this.site.agent]: { ...(agents[this.site.agent] as object), files } },
    }));
  }

  tokenFileOf(name: string): string {
    return join(this.#folder, `${name}.token`);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.site[Symbol.asyncDispose]();
    await this.server[Symbol.asyncDispose]();
    await rm(this.#folder, { recursive: true, force: true });
  }
}
