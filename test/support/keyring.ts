import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { eventually } from './eventually.ts';
import type { PartName } from './part-list.ts';

const run = promisify(execFile);

const PASSWORD = 'correct horse battery staple';
const SERVICE = 'org.freedesktop.secrets';
const LOGIN_COLLECTION = '/org/freedesktop/secrets/collection/login';

/** What a test that starts one needs on the machine. */
export const keyringParts = ['gnome-keyring', 'dbus', 'libsecret-1-0'] as const satisfies readonly PartName[];

export interface KeyringOptions {
  /** What answers when the keyring wants to ask the user for the password: nobody, or a desktop that waits for the user. */
  readonly prompter?: 'none' | 'waiting';
}

/**
 * A real gnome-keyring on a D-Bus session bus of its own, with all its files in a temporary folder. Nothing of the user's
 * own session is seen or touched, and no service starts by itself. Disposing ends both processes and removes the folder.
 */
export class TestKeyring implements AsyncDisposable {
  /** For the programs that are to use it. */
  readonly env: Readonly<Record<string, string>>;
  /** The file at which the bus is reached. */
  readonly busSocket: string;
  readonly #folder: string;
  #bus: ChildProcess;
  #daemon: ChildProcess | null = null;

  private constructor(folder: string, bus: ChildProcess, env: Readonly<Record<string, string>>) {
    this.busSocket = join(folder, 'bus');
    this.#folder = folder;
    this.#bus = bus;
    this.env = env;
  }

  /** Unlocked and ready. */
  static async start(options: KeyringOptions = {}): Promise<TestKeyring> {
    await using starting = new AsyncDisposableStack();
    const keyring = starting.use(await TestKeyring.startBus(options));
    await keyring.startDaemon();
    starting.move();
    return keyring;
  }

  /** A session bus without a keyring. */
  static async startBus({ prompter = 'none' }: KeyringOptions = {}): Promise<TestKeyring> {
    const folder = await mkdtemp(join(tmpdir(), 'tokenward-keyring-'));
    const runtime = join(folder, 'run');
    await mkdir(runtime, { mode: 0o700 });
    await writeFile(join(folder, 'bus.conf'), await busConfig(folder, prompter));
    return new TestKeyring(folder, await runBus(folder), {
      PATH: process.env['PATH'] ?? '',
      HOME: folder,
      XDG_RUNTIME_DIR: runtime,
      XDG_DATA_HOME: join(folder, 'data'),
      XDG_CONFIG_HOME: join(folder, 'config'),
      XDG_CACHE_HOME: join(folder, 'cache'),
      // without the id that the bus prints: as on a desktop, where another bus may come to the same place
      DBUS_SESSION_BUS_ADDRESS: `unix:path=${folder}/bus`,
    });
  }

  /** Starts the keyring daemon, unlocked as a login does it. */
  async startDaemon(): Promise<void> {
    this.#daemon = this.#spawnDaemon('--unlock');
    this.#daemon.stdin?.end(PASSWORD);
    await eventually(async () => {
      if (await this.#isLocked()) throw new Error('the keyring is still locked');
    });
  }

  /** Starts the keyring daemon as one that nobody ever unlocked: there is no collection yet. */
  async startFreshDaemon(): Promise<void> {
    this.#daemon = this.#spawnDaemon('--start');
    this.#daemon.stdin?.end();
    await eventually(async () => {
      const owned = await this.#call(
        'org.freedesktop.DBus',
        '/',
        'org.freedesktop.DBus.NameHasOwner',
        `string:${SERVICE}`,
      );
      if (!owned.includes('true')) throw new Error('the keyring is not on the bus yet');
    });
  }

  async lock(): Promise<void> {
    const method = 'org.freedesktop.Secret.Service.Lock';
    await this.#call(SERVICE, '/org/freedesktop/secrets', method, `array:objpath:${LOGIN_COLLECTION}`);
  }

  /** By way of a restart: only a prompt could unlock the running one. */
  async unlock(): Promise<void> {
    await this.killDaemon();
    await this.startDaemon();
  }

  /** Object paths of all that is kept in it. */
  async items(): Promise<readonly string[]> {
    const property = ['string:org.freedesktop.Secret.Collection', 'string:Items'];
    const answer = await this.#call(
      SERVICE,
      LOGIN_COLLECTION,
      'org.freedesktop.DBus.Properties.Get',
      ...property,
    );
    return [...answer.matchAll(/object path "(.*)"/g)].map(([, path = '']) => path);
  }

  signalDaemon(signal: 'SIGSTOP' | 'SIGCONT'): void {
    this.#daemon?.kill(signal);
  }

  signalBus(signal: 'SIGSTOP' | 'SIGCONT'): void {
    this.#bus.kill(signal);
  }

  async killDaemon(): Promise<void> {
    if (this.#daemon !== null) await end(this.#daemon);
    this.#daemon = null;
  }

  async killBus(): Promise<void> {
    await end(this.#bus);
  }

  /** A new bus at the place of the killed one, with nobody on it yet. */
  async restartBus(): Promise<void> {
    this.#bus = await runBus(this.#folder);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.killDaemon();
    await this.killBus();
    await rm(this.#folder, { recursive: true, force: true });
  }

  #spawnDaemon(how: '--unlock' | '--start'): ChildProcess {
    return spawn('gnome-keyring-daemon', [how, '--foreground', '--components=secrets'], {
      stdio: ['pipe', 'ignore', 'ignore'],
      env: this.env,
    });
  }

  async #isLocked(): Promise<boolean> {
    const property = ['string:org.freedesktop.Secret.Collection', 'string:Locked'];
    const answer = await this.#call(
      SERVICE,
      LOGIN_COLLECTION,
      'org.freedesktop.DBus.Properties.Get',
      ...property,
    );
    return answer.includes('true');
  }

  async #call(name: string, path: string, method: string, ...args: string[]): Promise<string> {
    const { stdout } = await run(
      'dbus-send',
      ['--session', '--print-reply', `--dest=${name}`, path, method, ...args],
      {
        env: this.env,
      },
    );
    return stdout;
  }
}

/** Resolves when it listens. */
async function runBus(folder: string): Promise<ChildProcess> {
  const args = [`--config-file=${join(folder, 'bus.conf')}`, '--nofork', '--print-address=1'];
  const bus = spawn('dbus-daemon', args, { stdio: ['ignore', 'pipe', 'ignore'] });
  await once(bus.stdout, 'data');
  return bus;
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exit = once(child, 'exit');
  child.kill('SIGKILL');
  await exit;
}

async function busConfig(folder: string, prompter: 'none' | 'waiting'): Promise<string> {
  const services = join(folder, 'services');
  await mkdir(services);
  if (prompter === 'waiting') {
    // it never takes the name that D-Bus waits for, and it ends with the bus
    const program = '/usr/bin/dbus-monitor --session interface=org.example.Nothing';
    const name = 'org.gnome.keyring.SystemPrompter';
    await writeFile(join(services, `${name}.service`), `[D-BUS Service]\nName=${name}\nExec=${program}\n`);
  }
  return `<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN"
  "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig>
  <type>session</type>
  <listen>unix:path=${folder}/bus</listen>
  <servicedir>${services}</servicedir>
  <policy context="default">
    <allow send_destination="*" eavesdrop="true"/>
    <allow eavesdrop="true"/>
    <allow own="*"/>
  </policy>
</busconfig>
`;
}
