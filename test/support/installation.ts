import { randomBytes } from 'node:crypto';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, inject } from 'vitest';
import { DaemonClient } from '../../src/client/daemon-client.ts';
import type { AgentStatus } from '../../src/domain/status.ts';
import { startEmulator, type Emulator, type EmulatorOptions } from '../../src/emulator/start-emulator.ts';
import { reportArguments, takeReport } from './api/curl-report.ts';
import { Daemon, type DaemonOptions } from './daemon.ts';
import { eventually } from './eventually.ts';
import { plainEnv, runProgram, type Ran, type RunOptions } from './run-program.ts';
import { throwAwayTls } from './throw-away-tls.ts';

type Tree = Readonly<Record<string, unknown>>;

/** What differs from the usual configuration; keys and values as a user writes them. */
export interface ConfigOverrides {
  /** Keys of the agent. */
  readonly agent?: Tree;
  /** Further agents by name; each has the keys of the usual one where it gives no others. */
  readonly agents?: Readonly<Record<string, Tree>>;
  /** Keys of the Unix socket's listener. */
  readonly socket?: Tree;
  /** Further listeners. */
  readonly listeners?: readonly Tree[];
  /** Keys at the top. */
  readonly top?: Tree;
}

export interface InstallationOptions {
  /**
   * Name of the agent; default `web-01`. The lock of a keychain item depends on the user and this name only, whatever keyring
   * is meant: an agent in a keychain needs a name that no other test has (`uniqueName`).
   */
  readonly agent?: string;
  readonly emulator?: Partial<EmulatorOptions>;
  readonly config?: ConfigOverrides;
  /** Environment of the daemon and of every command, beside the search path. */
  readonly env?: Readonly<Record<string, string>>;
}

/** Milliseconds that something may take on a busy machine before a test calls it broken. */
const patienceMs = 20_000;

const usualAdminToken = 'administrator-of-the-tests';

export function uniqueName(prefix: string): string {
  return `${prefix}-${randomBytes(6).toString('hex')}`;
}

/**
 * Everything that one daemon needs, in a temporary folder: the emulator over HTTPS (in this process) with an authority of its
 * own, a configuration for one agent with a socket and a token file, and the built program. Disposing ends every daemon that
 * was run, and leaves nothing.
 */
export class Installation implements AsyncDisposable {
  readonly agent: string;
  readonly folder: string;
  readonly emulator: Emulator;
  /** PEM of the emulator's authority. */
  readonly ca: string;
  readonly caFile: string;
  readonly configFile: string;
  readonly stateDir: string;
  readonly socketPath: string;
  readonly tokenFile: string;
  readonly adminTokenFile: string;
  readonly env: Readonly<Record<string, string>>;
  /** The built `tokenward.js`. */
  readonly program = inject('program');
  readonly client: DaemonClient;
  /** Every daemon that was run, the newest last. */
  readonly daemons: Daemon[] = [];

  private constructor(
    folder: string,
    { emulator, ca }: Server,
    { agent = 'web-01', env = {} }: InstallationOptions,
  ) {
    const file = (name: string) => join(folder, name);
    this.agent = agent;
    this.folder = folder;
    this.emulator = emulator;
    this.ca = ca;
    this.caFile = file('ca.pem');
    this.configFile = file('config.yaml');
    this.stateDir = file('state');
    this.socketPath = file('tokenward.sock');
    this.tokenFile = file('token');
    this.adminTokenFile = file('administrator');
    this.env = { ...plainEnv, ...env };
    this.client = new DaemonClient(this.socketPath);
  }

  static async create(options: InstallationOptions = {}): Promise<Installation> {
    await using making = new AsyncDisposableStack();
    const folder = await mkdtemp(join(tmpdir(), 'tokenward-e2e-'));
    making.defer(() => rm(folder, { recursive: true, force: true }));
    const server = await startServer(options.emulator);
    making.use(server.emulator);
    const installation = new Installation(folder, server, options);
    await mkdir(installation.stateDir, { mode: 0o700 });
    await writeFile(installation.caFile, installation.ca);
    const { adminToken = usualAdminToken } = options.emulator ?? {};
    await writeFile(installation.adminTokenFile, `${adminToken}\n`, { mode: 0o600 });
    await installation.configure(options.config);
    making.move();
    return installation;
  }

  /** Writes the configuration anew; what is not overridden is as usual. */
  async configure(overrides: ConfigOverrides = {}): Promise<void> {
    // JSON is YAML
    await writeFile(this.configFile, JSON.stringify(this.#config(overrides), null, 2), { mode: 0o600 });
  }

  #config({ agent, agents = {}, socket, listeners = [], top }: ConfigOverrides): Tree {
    const usual = {
      provider: 'vcf-logs',
      url: this.emulator.url,
      tls: { ca_file: this.caFile },
      ttl: '30m',
      max_exchanges_per_minute: 6000,
      secret: { store: 'file' },
    };
    const others = Object.entries(agents).map(([name, keys]) => [name, { ...usual, ...keys }]);
    const everything = ['token', 'status', 'admin'];
    return {
      state_dir: this.stateDir,
      // the temporary folder may be on a tmpfs or in a container
      allow_ephemeral: true,
      log: { level: 'debug' },
      agents: {
        [this.agent]: { ...usual, files: [{ path: this.tokenFile, mode: '0600' }], ...agent },
        ...Object.fromEntries(others),
      },
      listeners: [
        { unix: this.socketPath, allow: [{ user: process.geteuid?.(), may: everything }], ...socket },
        ...listeners,
      ],
      ...top,
    };
  }

  /** Starts a daemon; what it becomes is for the caller to wait for. */
  run(options: DaemonOptions = {}): Daemon {
    const daemon = new Daemon(this.program, ['--config', this.configFile], { env: this.env, ...options });
    this.daemons.push(daemon);
    return daemon;
  }

  /** Runs a command of the command line to its end. */
  cli(args: readonly string[], options: RunOptions = {}): Promise<Ran> {
    const env = { ...this.env, TOKENWARD_CONFIG: this.configFile, ...options.env };
    return runProgram(inject('node'), [this.program, ...args], { ...options, env });
  }

  /** Asks the socket as users do. `args` are further arguments of curl. */
  async curl(path: string, args: readonly string[] = [], options: RunOptions = {}): Promise<Ran> {
    return (await this.#curl(path, args, options)).ran;
  }

  /** The status and the body that the socket answers to curl. */
  async ask(path: string, args: readonly string[] = [], options: RunOptions = {}): Promise<Answer> {
    const { ran, answer } = await this.#curl(path, args, options);
    if (answer === null) throw new Error(`curl got no answer: ${ran.stderr}`);
    return { status: answer.status, body: answer.body };
  }

  async #curl(path: string, args: readonly string[], options: RunOptions) {
    const always = ['-sS', '--unix-socket', this.socketPath, ...reportArguments];
    const ran = await runProgram('curl', [...always, ...args, `http://localhost${path}`], options);
    const { answer, rest } = takeReport(ran, path);
    return { ran: { ...ran, stderr: rest }, answer };
  }

  /** Imports a secret that the server has just created for the agent. Whether a daemon runs is the caller's business. */
  async provision(agent = this.agent): Promise<string> {
    const secret = this.emulator.createSecret(agent);
    const { exitCode, stderr } = await this.cli(['import', agent], { stdin: secret });
    expect(exitCode, stderr).toBe(0);
    return secret;
  }

  /** Waits until the daemon says of the agent what is expected (as `toMatchObject` has it), and resolves to all that it says. */
  async reaches(expected: object, { agent = this.agent, withinMs = patienceMs } = {}): Promise<AgentStatus> {
    try {
      return await eventually(
        async () => {
          const status = await this.client.status(agent);
          expect(status).toMatchObject(expected);
          return status;
        },
        { withinMs },
      );
    } catch (error) {
      const output = this.daemons.at(-1)?.output ?? '';
      throw new Error(`${(error as Error).message}\nthe newest daemon wrote:\n${output}`, { cause: error });
    }
  }

  /** The token that the daemon serves. */
  async token(agent = this.agent): Promise<string> {
    const { token } = await this.client.token(agent);
    return token.reveal();
  }

  /** What is in the token file. */
  readTokenFile(): Promise<string> {
    return readFile(this.tokenFile, 'utf8');
  }

  /** The file follows the token that is served, a moment later. */
  async tokenFileHolds(token: string): Promise<void> {
    // not toBe, which would print both
    await eventually(async () => expect((await this.readTokenFile()) === token).toBe(true));
  }

  /** How many requests for an exchange the server has received, whatever became of them. */
  get exchanges(): number {
    return this.emulator.state().exchanges.total;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.daemons.map((daemon) => daemon[Symbol.asyncDispose]()));
    await this.emulator.close();
    await rm(this.folder, { recursive: true, force: true });
  }
}

interface Answer {
  readonly status: number;
  readonly body: string;
}

interface Server {
  readonly emulator: Emulator;
  readonly ca: string;
}

async function startServer(options: Partial<EmulatorOptions> = {}): Promise<Server> {
  const { ca, identity } = throwAwayTls();
  return { emulator: await startEmulator({ adminToken: usualAdminToken, tls: identity, ...options }), ca };
}
