import { randomBytes } from 'node:crypto';
import { mkdtemp, rm, writeFile, chmod } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startEmulator, type Emulator } from '../../../src/emulator/start-emulator.ts';
import { eventually } from '../../support/eventually.ts';
import { throwAwayTls } from '../../support/throw-away-tls.ts';
import { Container, type ContainerOptions } from './container.ts';
import { docker } from './docker.ts';
import { productImage } from './product-image.ts';

type Tree = Readonly<Record<string, unknown>>;

/** The user of the image, and its group. */
const imageUser = 10_001;

/** The group that shares the socket in these tests. */
const shippers = 4_242;

/**
 * What one daemon in a container needs: the emulator over HTTPS on this host, where containers reach it; a folder with the configuration
 * and the authority; a volume for the state and one for the socket. Disposing removes all of it.
 */
export class ContainerSite implements AsyncDisposable {
  readonly emulator: Emulator;
  /** PEM of the emulator's authority. */
  readonly ca: string;
  /** No other test has it. */
  readonly name: string;
  readonly folder: string;
  readonly state: string;
  readonly sockets: string;
  readonly image: string;

  private constructor(emulator: Emulator, ca: string, folder: string, image: string) {
    this.name = `tokenward-test-${randomBytes(6).toString('hex')}`;
    this.ca = ca;
    this.emulator = emulator;
    this.folder = folder;
    this.state = `${this.name}-state`;
    this.sockets = `${this.name}-sockets`;
    this.image = image;
  }

  static async create(): Promise<ContainerSite> {
    await using making = new AsyncDisposableStack();
    const image = await productImage();
    const host = await docker([
      'network',
      'inspect',
      'bridge',
      '--format',
      '{{(index .IPAM.Config 0).Gateway}}',
    ]);
    const { ca, identity } = throwAwayTls([host]);
    const emulator = making.use(
      await startEmulator({ adminToken: 'administrator-of-the-tests', tls: identity, host }),
    );
    const folder = await mkdtemp(join(tmpdir(), 'tokenward-containers-'));
    making.defer(() => rm(folder, { recursive: true, force: true }));
    await chmod(folder, 0o755);
    await writeFile(join(folder, 'ca.pem'), ca);
    const site = new ContainerSite(emulator, ca, folder, image);
    await site.configure({});
    making.move();
    return site;
  }

  /** Writes the configuration anew; what is not overridden is as in docs/container.md. */
  async configure(agent: Tree, top: Tree = {}): Promise<void> {
    const config = {
      state_dir: '/var/lib/tokenward',
      agents: {
        'web-01': {
          provider: 'vcf-logs',
          url: this.emulator.url,
          tls: { ca_file: '/etc/tokenward/ca.pem' },
          max_exchanges_per_minute: 6000,
          secret: { store: 'file' },
          files: [{ path: '/run/tokenward/web-01.token', mode: '0644' }],
          ...agent,
        },
      },
      listeners: [
        {
          unix: '/run/tokenward/tokenward.sock',
          mode: '0666',
          allow: [
            { user: imageUser, may: ['token', 'status', 'admin'] },
            { group: shippers, may: ['token'] },
          ],
        },
      ],
      ...top,
    };
    await writeFile(join(this.folder, 'config.yaml'), JSON.stringify(config));
  }

  /** Arguments of `docker run` and options of {@link Container} for the same set-up. */
  get mounts(): Readonly<Record<string, string>> {
    return {
      [this.folder]: '/etc/tokenward',
      [this.state]: '/var/lib/tokenward',
      [this.sockets]: '/run/tokenward',
    };
  }

  run(options: Partial<ContainerOptions> = {}): Promise<Container> {
    return Container.start({ image: this.image, mounts: this.mounts, tmpfs: { '/tmp': '' }, ...options });
  }

  /** A command in a container of its own, as before the first start. */
  command(args: readonly string[], stdin?: string): Promise<string> {
    const mounts = Object.entries(this.mounts).map(([source, target]) => `--volume=${source}:${target}`);
    const run = ['run', '--rm', '--interactive', '--read-only', '--tmpfs=/tmp', ...mounts, this.image];
    return docker([...run, ...args], { stdin });
  }

  /** Imports a secret that the server has just created. */
  async provision(): Promise<void> {
    await this.command(['import', 'web-01'], this.emulator.createSecret('web-01'));
  }

  /** A shipper beside it, which has nothing in common with it but the volume of the socket and a group. */
  async curl(
    path: string,
    { user = `5150:${shippers}`, image }: { user?: string; image: string },
  ): Promise<string> {
    const curl = ['curl', '-sS', '--fail-with-body', '--unix-socket', '/run/tokenward/tokenward.sock'];
    const volume = `--volume=${this.sockets}:/run/tokenward:ro`;
    return docker(['run', '--rm', '--user', user, volume, image, ...curl, `http://localhost${path}`]);
  }

  /** Waits until the daemon has a token. */
  async token(container: Container): Promise<string> {
    return eventually(() => container.exec(['tokenward', 'token', 'web-01']), {
      withinMs: 30_000,
      everyMs: 200,
    });
  }

  /** How many requests for an exchange the server has received. */
  get exchanges(): number {
    return this.emulator.state().exchanges.total;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.emulator.close();
    await docker(['volume', 'rm', '--force', this.state, this.sockets]);
    await rm(this.folder, { recursive: true, force: true });
  }
}
