import { dirname } from 'node:path';
import { proxyFor } from '../platform/http/proxy.ts';
import { readSecretFile } from '../platform/secret-file.ts';
import type { Users } from '../platform/users.ts';
import { checkAccounts, checkAllowed } from './check-accounts.ts';
import { type AlertCheckContext, checkAlerts } from './check-alerts.ts';
import { checkHooks } from './check-hooks.ts';
import { checkLocalKey } from './check-local-key.ts';
import { checkFolderOf, checkKind, checkStateDir, isOpen } from './check-paths.ts';
import { checkProxy } from './check-proxy.ts';
import { checkTls } from './check-tls.ts';
import type {
  AgentConfig,
  Config,
  SecretStoreConfig,
  TcpListenerConfig,
  TokenFileConfig,
  UnixListenerConfig,
} from './config.ts';
import { type Finding, finding, findingsOf } from './finding.ts';

/**
 * What `tokenward check` verifies beyond the schema: that this host can do what the configuration asks for. It sends no
 * request and changes nothing.
 */

export interface CheckContext extends AlertCheckContext {
  readonly users: Users;
  /** The user that runs the daemon. */
  readonly uid: number;
  /** Reads a wrapping key without making one: null where it is missing, which is no mistake. Rejects `KEY_FILE_UNUSABLE`. */
  readonly readKey: (key: KeyConfig) => Promise<Uint8Array | null>;
}

export type KeyConfig = Extract<SecretStoreConfig, { store: 'file' }>['key'];

/** Everything found, in the order of the configuration. */
export async function checkConfig(config: Config, context: CheckContext): Promise<readonly Finding[]> {
  const findings = await Promise.all([
    checkStateDir(config),
    ...config.agents.map((agent) => checkAgent(agent, config.stateDir, context)),
    ...config.listeners.map((listener, index) =>
      listener.kind === 'unix'
        ? checkSocket(listener, `listeners[${index}]`, context)
        : checkPort(listener, `listeners[${index}]`, context),
    ),
    ...config.proxies.map((proxy, index) => checkProxy(proxy, `proxies[${index}]`, context)),
    ...config.alerts.map((channel, index) => checkAlerts(channel, `alerts[${index}]`, context)),
  ]);
  return findings.flat();
}

async function checkAgent(
  agent: AgentConfig,
  stateDir: string,
  context: CheckContext,
): Promise<readonly Finding[]> {
  const at = `agents.${agent.name}`;
  const findings = await Promise.all([
    checkTls(agent.tls, `${at}.tls`, context.now),
    findingsOf(`${at}.url`, async () => {
      proxyFor(new URL(agent.url), context.env);
      return [];
    }),
    agent.secret.store === 'file' ? checkKey(agent.secret.key, stateDir, `${at}.secret`, context) : [],
    checkSecretFile(agent.secretFile, `${at}.secret_file`, context),
    ...agent.files.map((file, index) => checkTokenFile(file, `${at}.files[${index}]`, context)),
    checkHooks(agent, context),
  ]);
  return [...checkEnd(agent, context.now), ...findings.flat()];
}

function checkEnd({ name, expiresAtMs }: AgentConfig, now: Date): readonly Finding[] {
  if (expiresAtMs === null || now.getTime() < expiresAtMs) return [];
  const end = new Date(expiresAtMs).toISOString();
  const message = `the credential of ${name} ended at ${end}; make another one at the server, set its end here, and run: tokenward import ${name}`;
  return [finding('warning', 'TOKEN_EXPIRING', `agents.${name}.expires_at`, message)];
}

async function checkKey(
  key: KeyConfig,
  stateDir: string,
  at: string,
  context: CheckContext,
): Promise<readonly Finding[]> {
  if (key.kind === 'credential' && context.env['CREDENTIALS_DIRECTORY'] === undefined) {
    const message = `the credential ${key.name} can be read by the systemd unit only; it was not checked`;
    return [finding('warning', 'KEY_FILE_UNUSABLE', `${at}.credential`, message)];
  }
  if (key.kind === 'credential')
    return findingsOf(`${at}.credential`, async () => {
      if ((await context.readKey(key)) !== null) return [];
      return [finding('error', 'KEY_FILE_UNUSABLE', `${at}.credential`, missingCredential(key.name))];
    });
  const isInStateDir = dirname(key.path) === stateDir;
  // that the state folder is closed to us is told already
  if (isInStateDir && !(await isOpen(stateDir))) return [];
  return findingsOf(`${at}.key_file`, async () => {
    if ((await context.readKey(key)) !== null || isInStateDir) return [];
    return checkFolderOf(key.path, 'the key file', 'KEY_FILE_UNUSABLE', `${at}.key_file`, '0700');
  });
}

function missingCredential(name: string): string {
  return `systemd handed over no credential ${name}; put LoadCredential=${name}:FILE into the unit, under exactly this name`;
}

/** There need not be one, nor its folder: that is where a secret may come. */
async function checkSecretFile(
  path: string | null,
  at: string,
  { uid }: CheckContext,
): Promise<readonly Finding[]> {
  if (path === null) return [];
  return findingsOf(at, async () => {
    await readSecretFile(path, uid);
    return [];
  });
}

async function checkTokenFile(
  file: TokenFileConfig,
  at: string,
  { users }: CheckContext,
): Promise<readonly Finding[]> {
  const findings = await Promise.all([
    checkFolderOf(file.path, 'the token file', 'OUTPUT_UNUSABLE', `${at}.path`),
    checkKind(file.path, 'a file', 'OUTPUT_UNUSABLE', `${at}.path`),
    checkAccounts(file, at, users),
  ]);
  return findings.flat();
}

async function checkSocket(
  listener: UnixListenerConfig,
  at: string,
  { users }: CheckContext,
): Promise<readonly Finding[]> {
  const findings = await Promise.all([
    checkFolderOf(listener.path, 'the socket', 'SOCKET_UNUSABLE', `${at}.unix`),
    checkKind(listener.path, 'a socket', 'SOCKET_UNUSABLE', `${at}.unix`),
    checkAccounts(listener, at, users),
    ...listener.allow.map(({ kind, account }, index) =>
      checkAllowed(kind, account, `${at}.allow[${index}].${kind}`, users),
    ),
  ]);
  const nobody =
    'nobody is allowed to use this socket; add an entry such as { user: root, may: [token, status, admin] }';
  const isUseless = listener.peerCheck === 'kernel' && listener.allow.length === 0;
  return [
    ...findings.flat(),
    ...(isUseless ? [finding('warning', 'PEER_DENIED', `${at}.allow`, nobody)] : []),
  ];
}

async function checkPort(
  { port, host, clients }: TcpListenerConfig,
  at: string,
  context: CheckContext,
): Promise<readonly Finding[]> {
  const keys = await Promise.all(
    clients.map(({ name, secretFile }) =>
      checkLocalKey(secretFile, `${at}.clients.${name}.secret_file`, context),
    ),
  );
  if (port !== 0) return keys.flat();
  const message = `port 0 is another port at every start, which nobody is told; name one, such as ${host}:9464`;
  return [finding('warning', 'CONFIG_INVALID', `${at}.tcp`, message), ...keys.flat()];
}
