import { randomBytes } from 'node:crypto';
import { cp, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { DaemonClient } from '../../src/client/daemon-client.ts';
import { startEmulator, type Emulator } from '../../src/emulator/start-emulator.ts';
import type { RotationPolicy } from '../../src/emulator/vcf-logs/rotation-policy.ts';
import { throwAwayTls } from '../support/throw-away-tls.ts';
import { monotonicMs } from './points.ts';

export interface SiteOptions {
  readonly policy: RotationPolicy;
  /** How many agents the daemon has. */
  readonly agents: number;
  /** The built `tokenward.js`, with its other files beside it. */
  readonly program: string;
  /** The Node.js that runs it. */
  readonly node: string;
  /** A folder on a disk, where the state is kept: fsync must mean something. */
  readonly base: string;
}

/** A server, a configuration and a state folder, in a temporary folder of their own. Disposing leaves nothing. */
export interface Site extends AsyncDisposable {
  readonly policy: RotationPolicy;
  readonly node: string;
  /** A copy that nobody builds anew meanwhile. */
  readonly program: string;
  readonly emulator: Emulator;
  readonly client: DaemonClient;
  readonly agents: readonly string[];
  readonly stateDir: string;
  /** The wrapping key of all agents. */
  readonly key: Uint8Array;
  readonly configFile: string;
  readonly sideLogFile: string;
  /** What the daemon of one life writes; each life begins anew. */
  readonly logFile: string;
}

/** Longer than any campaign lets a doubt stand. */
const graceMs = 3_600_000;

export async function openSite({ policy, agents, program, node, base }: SiteOptions): Promise<Site> {
  await using opening = new AsyncDisposableStack();
  const folder = await mkdtemp(join(base, 'tokenward-torture-'));
  opening.defer(() => rm(folder, { recursive: true, force: true }));
  const file = (name: string) => join(folder, name);
  await cp(dirname(program), file('dist'), { recursive: true });
  const { ca, identity } = throwAwayTls();
  const emulator = opening.use(
    await startEmulator({
      adminToken: randomBytes(16).toString('hex'),
      policy,
      graceMs,
      tls: identity,
      clock: monotonicMs,
    }),
  );
  const key = randomBytes(32);
  await writeFile(file('key'), `${key.toString('base64')}\n`, { mode: 0o600 });
  await writeFile(file('ca.pem'), ca);
  await mkdir(file('state'), { mode: 0o700 });
  const names = Array.from({ length: agents }, (_, index) => `agent-${String(index + 1).padStart(3, '0')}`);
  await writeFile(file('config.yaml'), configuration(folder, emulator.url, names), { mode: 0o600 });
  const resources = opening.move();
  return {
    policy,
    node,
    program: file('dist/tokenward.js'),
    emulator,
    client: new DaemonClient(file('socket')),
    agents: names,
    stateDir: file('state'),
    key,
    configFile: file('config.yaml'),
    sideLogFile: file('side-log'),
    logFile: file('log'),
    [Symbol.asyncDispose]: () => resources.disposeAsync(),
  };
}

function configuration(folder: string, url: string, agents: readonly string[]): string {
  const agent = {
    provider: 'vcf-logs',
    url,
    tls: { ca_file: join(folder, 'ca.pem') },
    ttl: '30m',
    max_exchanges_per_minute: 6000,
    // a replay waits until the attempt before it is surely over
    exchange_deadline: '1s',
    secret: { store: 'file', key_file: join(folder, 'key') },
  };
  const everything = ['token', 'status', 'admin'];
  // JSON is YAML
  return JSON.stringify({
    state_dir: join(folder, 'state'),
    // the folder may be on an overlay, in a container
    allow_ephemeral: true,
    log: { level: 'warn' },
    agents: Object.fromEntries(agents.map((name) => [name, agent])),
    listeners: [{ unix: join(folder, 'socket'), allow: [{ user: process.geteuid?.(), may: everything }] }],
  });
}
