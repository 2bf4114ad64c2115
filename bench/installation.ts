import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Site } from './site.ts';

/** One agent of one daemon: its configuration, and a state folder that holds a secret nobody has exchanged. */
export interface Installation {
  readonly program: string;
  /** Of Node.js itself. */
  readonly runtimeFlags: readonly string[];
  readonly configFile: string;
  readonly socketPath: string;
  /** Where its log is collected. */
  readonly logFile: string;
  readonly env: Readonly<Record<string, string>>;
}

export interface InstallationOptions {
  readonly store?: 'file' | 'keychain';
  readonly logLevel?: 'info' | 'debug';
  /** Whether the token is also written to a file, which is then watched. */
  readonly tokenFile?: boolean;
  /** The uid of somebody else who may read the token. */
  readonly guest?: number;
  readonly runtimeFlags?: readonly string[];
  /** Instead of the site's. */
  readonly serverUrl?: string;
  /** Further keys at the top of the configuration. */
  readonly moreConfig?: string;
  /** Beyond what every program is given. */
  readonly env?: Readonly<Record<string, string>>;
}

export const agent = 'web-01';

/** The agent's secret is imported while no daemon runs, so that the first start exchanges it. */
export async function install(site: Site, options: InstallationOptions = {}): Promise<Installation> {
  const folder = await site.newFolder();
  const installation = {
    program: site.program,
    runtimeFlags: options.runtimeFlags ?? [],
    configFile: join(folder, 'config.yaml'),
    socketPath: join(folder, 'socket'),
    logFile: join(folder, 'log'),
    env: { PATH: process.env['PATH'] ?? '', ...options.env },
  };
  await writeFile(installation.configFile, configuration(site, folder, options), { mode: 0o600 });
  await importSecret(installation, site.takeSecret());
  return installation;
}

function configuration(site: Site, folder: string, options: InstallationOptions): string {
  const {
    store = 'file',
    logLevel = 'info',
    tokenFile = false,
    guest = null,
    serverUrl,
    moreConfig = '',
  } = options;
  const files = tokenFile ? `[{ path: ${folder}/token, mode: "0600" }]` : '[]';
  const guestRule = guest === null ? '' : `      - { user: "${guest}", may: [token] }\n`;
  return `state_dir: ${folder}/state
log: { level: ${logLevel} }
agents:
  ${agent}:
    provider: vcf-logs
    url: ${serverUrl ?? site.serverUrl}
    tls: ${serverUrl === undefined ? `{ ca_file: ${site.caFile} }` : '{}'}
    ttl: 30m
    max_exchanges_per_minute: 6000
    secret: { store: ${store} }
    files: ${files}
listeners:
  - unix: ${folder}/socket
    mode: "${guest === null ? '0600' : '0666'}"
    allow:
      - { user: "${process.geteuid?.()}", may: [token, status, admin] }
${guestRule}${moreConfig}`;
}

async function importSecret({ program, configFile, env }: Installation, secret: string): Promise<void> {
  const command = spawn(process.execPath, [program, 'import', agent, '--config', configFile], {
    stdio: ['pipe', 'ignore', 'inherit'],
    env,
  });
  command.stdin.end(secret);
  const [exitCode] = (await once(command, 'exit')) as [number | null];
  if (exitCode !== 0) throw new Error(`the secret could not be imported: exit code ${exitCode}`);
}
