import { expect } from 'vitest';
import { eventually } from '../../support/eventually.ts';
import { SystemdHost, type WayOfInstallation } from './host.ts';

export const apiSocket = '/run/tokenward/tokenward.sock';

/** Milliseconds that something may take on a busy machine before a test calls it broken. */
export const patience = { withinMs: 60_000, everyMs: 100 };

/** The agents of the host; each store has one of its own, as a secret cannot move while the daemon runs. */
const agents = {
  'web-01': 'secret: { store: file }',
  'web-02': 'secret: { store: file, credential: wrapping-key }',
  'web-03': 'secret: { store: keychain }',
} as const;

export type AgentName = keyof typeof agents;

/** A host with systemd, tokenward, a log server (the emulator, as a unit) and a user `shipper` who may ask for tokens. */
export class LogHost implements AsyncDisposable {
  readonly host: SystemdHost;
  readonly #way: WayOfInstallation & AsyncDisposable;

  private constructor(host: SystemdHost, way: WayOfInstallation & AsyncDisposable) {
    this.host = host;
    this.#way = way;
  }

  /** With a configuration for one agent; nothing is enabled. */
  static async create(way: WayOfInstallation & AsyncDisposable): Promise<LogHost> {
    await using making = new AsyncDisposableStack();
    making.use(way);
    const host = making.use(await SystemdHost.boot(way));
    const site = new LogHost(host, way);
    await host.shell(
      `install -d -m 0755 /srv/emulator
useradd --system --groups tokenward-clients shipper
echo emulator-admin > /root/administrator; chmod 600 /root/administrator`,
    );
    await site.startEmulator();
    await site.configure(['web-01']);
    making.move();
    return site;
  }

  /** `more` are further lines of each agent. */
  configure(names: readonly AgentName[], more = ''): Promise<void> {
    const sections = names.map(
      (name) => `  ${name}:
    provider: vcf-logs
    url: https://127.0.0.1:8443
    tls: { ca_file: /srv/emulator/ca.pem }
    max_exchanges_per_minute: 6000
    ${agents[name]}
    files: [{ path: /run/tokenward/${name}.token, mode: "0640", group: tokenward-clients }]
${more}`,
    );
    const text = `agents:
${sections.join('')}listeners:
  - unix: ${apiSocket}
    mode: "0660"
    group: tokenward-clients
    allow:
      - { group: tokenward-clients, may: [token, status] }
      - { user: root, may: [token, status, admin] }
`;
    return this.host.write('/etc/tokenward/config.yaml', text);
  }

  /** Another server each time: it knows nothing of what the last one did. */
  async startEmulator(): Promise<void> {
    const command = `${this.#way.program} emulator --listen 127.0.0.1:8443 --tls-dir /srv/emulator`;
    await this.host.shell(
      `systemctl reset-failed emulator 2> /dev/null || true; systemd-run --quiet --unit=emulator ${command}`,
    );
    const ask = 'curl -s -o /dev/null --cacert /srv/emulator/ca.pem https://127.0.0.1:8443/';
    await eventually(() => this.host.shell(ask), patience);
  }

  async enroll(agent: AgentName): Promise<void> {
    const args = ['enroll', agent, '--admin-token-file', '/root/administrator'];
    const { exitCode, stderr } = await this.host.tokenward(...args);
    expect(exitCode, stderr).toBe(0);
    await this.host.agentReaches(agent, 'active');
  }

  async restart(): Promise<void> {
    await this.host.run('systemctl', 'restart', 'tokenward.service');
    await this.host.reaches('tokenward.service', 'ActiveState', /^active$/);
  }

  async enable(): Promise<void> {
    await this.host.run('systemctl', 'enable', '--now', 'tokenward.socket', 'tokenward.service');
    await this.host.reaches('tokenward.service', 'ActiveState', /^active$/);
  }

  /** Takes a drop-in of the examples, in force from the next start on. */
  async example(name: string): Promise<void> {
    const from = `${this.#way.examples}/tokenward.service.d/${name}`;
    const to = '/etc/systemd/system/tokenward.service.d';
    await this.host.shell(`install -D -m 0644 -t ${to} ${from}; systemctl daemon-reload`);
  }

  async removeDropIn(name: string): Promise<void> {
    await this.host.shell(`rm /etc/systemd/system/tokenward.service.d/${name}; systemctl daemon-reload`);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.host[Symbol.asyncDispose]();
    await this.#way[Symbol.asyncDispose]();
  }
}
