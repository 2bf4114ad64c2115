import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createAuthority, issueLeaf } from '../../emulator/certificates.ts';
import { startEmulator, type Emulator } from '../../emulator/start-emulator.ts';

/** What the demo plays on: a folder of its own, a log server over HTTPS, and a configuration for one agent. */

export interface Stage extends AsyncDisposable {
  readonly agent: string;
  readonly emulator: Emulator;
  readonly folder: string;
  readonly configFile: string;
  readonly adminTokenFile: string;
  readonly caFile: string;
  /** PEM of the throw-away authority. */
  readonly ca: string;
  readonly socket: string;
  readonly tokenFile: string;
  readonly store: 'keychain' | 'file';
}

const adminToken = 'demo-administrator';
const lifeMs = 24 * 60 * 60_000;

/** `keychainAnswers` is asked with a configuration file that would use the keychain; where it does not, a sealed file serves. */
export async function setStage(keychainAnswers: (configFile: string) => Promise<boolean>): Promise<Stage> {
  await using making = new AsyncDisposableStack();
  const folder = mkdtempSync(join(tmpdir(), 'tokenward-demo-'));
  making.defer(() => rmSync(folder, { recursive: true, force: true }));
  const validity = { from: new Date(Date.now() - 60_000), to: new Date(Date.now() + lifeMs) };
  const authority = createAuthority('tokenward demo', validity);
  const tls = issueLeaf(authority, {
    commonName: 'demo log server',
    usage: 'server',
    validity,
    hosts: ['127.0.0.1'],
  });
  const emulator = making.use(await startEmulator({ adminToken, policy: 'strict', tls }));
  const file = (name: string) => join(folder, name);
  const props = {
    emulator,
    folder,
    ca: authority.cert,
    configFile: file('config.yaml'),
    adminTokenFile: file('administrator'),
    caFile: file('ca.pem'),
    socket: file('tokenward.sock'),
    tokenFile: file('web-01.token'),
  };
  writeFileSync(props.caFile, authority.cert);
  writeFileSync(props.adminTokenFile, `${adminToken}\n`, { mode: 0o600 });
  // A keychain belongs to the user, who may have a web-01 of their own in it.
  const inKeychain = { agent: `demo-${randomBytes(4).toString('hex')}`, store: 'keychain' } as const;
  const inFile = { agent: 'web-01', store: 'file' } as const;
  writeFileSync(props.configFile, configuration(props, inKeychain), { mode: 0o600 });
  const place = (await keychainAnswers(props.configFile)) ? inKeychain : inFile;
  writeFileSync(props.configFile, configuration(props, place));
  const made = making.move();
  return { ...props, ...place, [Symbol.asyncDispose]: () => made.disposeAsync() };
}

type Place = Pick<Stage, 'agent' | 'store'>;
type Props = Pick<Stage, 'emulator' | 'caFile' | 'socket' | 'tokenFile'>;

function configuration({ emulator, caFile, socket, tokenFile }: Props, { agent, store }: Place): string {
  return `state_dir: state
allow_ephemeral: true             # the demo runs in containers too; a real agent wants a disk
agents:
  ${agent}:
    provider: vcf-logs
    url: ${emulator.url}
    tls: { ca_file: ${caFile} }
    ttl: 10m
    secret: { store: ${store} }
    files:
      - { path: ${tokenFile}, mode: "0640" }
listeners:
  - unix: ${socket}
    allow:
      - { user: ${process.geteuid?.() ?? 0}, may: [token, status, admin] }
`;
}
