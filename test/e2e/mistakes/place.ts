import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inject } from 'vitest';
import { Daemon } from '../../support/daemon.ts';
import { strangers } from '../../support/root.ts';
import { plainEnv, runProgram, type Ran } from '../../support/run-program.ts';
import { adminToken, type ServerName, type Servers } from './servers.ts';

/** A command line, and who types it where. */
export interface Typed {
  /** What stands after `tokenward`, as words without blanks in them; `FOLDER` is the folder of the place. */
  readonly typed: string;
  readonly env?: Readonly<Record<string, string>>;
  /** Part of how the host is, and not of what was typed. */
  readonly hostEnv?: Readonly<Record<string, string>>;
  readonly stdin?: string;
  /** Somebody whom the configuration does not name runs it; needs root. */
  readonly asStranger?: boolean;
}

/** A folder with a configuration that works and everything that it names. Each mistake is made in one of its own. */
export class Place implements AsyncDisposable {
  readonly folder: string;
  readonly servers: Servers;
  #daemon: Daemon | null = null;

  private constructor(folder: string, servers: Servers) {
    this.folder = folder;
    this.servers = servers;
  }

  static async create(servers: Servers): Promise<Place> {
    const place = new Place(await mkdtemp(join(tmpdir(), 'tokenward-mistake-')), servers);
    // open to all, as /etc/tokenward is
    await chmod(place.folder, 0o755);
    await place.write('ca.pem', servers.ca);
    await place.write('admin.token', `${adminToken}\n`);
    await place.write('config.yaml', place.#configuration());
    return place;
  }

  path(name: string): string {
    return join(this.folder, name);
  }

  async write(name: string, content: string | Uint8Array, mode = 0o600): Promise<string> {
    await writeFile(this.path(name), content);
    await chmod(this.path(name), mode);
    return this.path(name);
  }

  /** Changes what stands in the configuration; what is to be changed must be there. */
  async edit([from, to]: readonly [string | RegExp, string]): Promise<void> {
    const text = this.#configuration();
    const edited = text.replace(from, this.#filled(to));
    if (edited === text) throw new Error(`the configuration has nothing like ${String(from)}`);
    await this.write('config.yaml', edited, 0o644);
  }

  /** From now on a daemon runs here, with the configuration as it is now. */
  async startDaemon(): Promise<Daemon> {
    const options = { cwd: this.folder, env: plainEnv };
    this.#daemon = new Daemon(inject('program'), ['--config', this.path('config.yaml')], options);
    await this.#daemon.started();
    return this.#daemon;
  }

  async stopDaemon(): Promise<void> {
    await this.#daemon?.end();
    this.#daemon = null;
  }

  /** Types a command line. */
  run({ typed, env = {}, hostEnv = {}, stdin = '', asStranger = false }: Typed): Promise<Ran> {
    const args = this.#filled(typed)
      .split(' ')
      .filter((word) => word !== '');
    const variables = Object.entries({ TOKENWARD_CONFIG: 'FOLDER/config.yaml', ...env, ...hostEnv });
    const filled = variables.map(([name, value]): [string, string] => [name, this.#filled(value)]);
    const user = asStranger ? { uid: strangers.alice, gid: strangers.alice } : {};
    return runProgram(inject('node'), [inject('program'), ...args], {
      cwd: this.folder,
      stdin,
      env: { ...plainEnv, ...Object.fromEntries(filled) },
      ...user,
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stopDaemon();
    await rm(this.folder, { recursive: true, force: true });
  }

  #filled(text: string): string {
    return text
      .replaceAll('FOLDER', this.folder)
      .replaceAll(/PORT-OF-(\w+)/g, (_, name: string) =>
        String(this.servers.byName[name as ServerName].port),
      );
  }

  #configuration(): string {
    return `state_dir: ./state
allow_ephemeral: true
agents:
  web-01:
    provider: vcf-logs
    url: ${this.servers.byName.good.url}
    tls: { ca_file: ./ca.pem }
    secret: { store: file }
    files:
      - path: ./web-01.token
listeners:
  - unix: ./tokenward.sock
    allow:
      - { user: ${process.geteuid?.() ?? 0}, may: [token, status, admin] }
`;
  }
}
