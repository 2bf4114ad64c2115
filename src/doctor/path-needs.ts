import { alertFiles } from '../config/check-alerts.ts';
import type { AgentConfig, Config, HookConfig, ProxyConfig, TlsConfig } from '../config/config.ts';
import type { PathNeed } from './judge-paths.ts';

/** A path of the configuration, with the keys that name it. */
export interface NamedNeed extends Omit<PathNeed, 'to'> {
  readonly to: PathNeed['to'] | 'read-or-make' | 'read-if-there';
  readonly at: readonly string[];
}

/** Every path that the daemon needs besides the state folder; once, whoever shares it. */
export function pathNeeds(
  { agents, listeners, proxies, alerts }: Config,
  configPath: string,
): readonly NamedNeed[] {
  const needs: readonly NamedNeed[] = [
    { role: 'the configuration', path: configPath, to: 'read', secret: false, agents: [], at: [] },
    ...agents.flatMap(needsOf),
    ...listeners.flatMap((listener, index): readonly NamedNeed[] =>
      listener.kind === 'unix'
        ? [
            {
              role: 'the socket',
              path: listener.path,
              to: 'replace',
              secret: false,
              agents: [],
              at: [`listeners[${index}].unix`],
            },
          ]
        : listener.clients.map(({ name, secretFile, agent }) => ({
            role: 'the key file',
            path: secretFile,
            to: 'read' as const,
            secret: true,
            agents: [agent],
            at: [`listeners[${index}].clients.${name}.secret_file`],
          })),
    ),
    ...proxies.flatMap(needsOfProxy),
    ...alerts.flatMap((channel, index) =>
      alertFiles(channel).map(({ what, path, key, isSecret }) => ({
        role: what,
        path,
        to: 'read' as const,
        secret: isSecret,
        agents: [],
        at: [`alerts[${index}].${key}`],
      })),
    ),
  ];
  return [...Map.groupBy(needs, ({ path, to }) => `${to} ${path}`).values()].map((same) => ({
    ...same[0]!,
    agents: same.flatMap((need) => need.agents),
    at: same.flatMap(({ at }) => at),
  }));
}

function needsOfProxy({ place, clientKeyFile, agent }: ProxyConfig, index: number): readonly NamedNeed[] {
  const about = { agents: [agent] };
  return [
    ...(place.kind === 'unix'
      ? [
          {
            ...about,
            role: 'the socket',
            path: place.path,
            to: 'replace' as const,
            secret: false,
            at: [`proxies[${index}].unix`],
          },
        ]
      : []),
    ...(clientKeyFile === null
      ? []
      : [
          {
            ...about,
            role: 'the key file',
            path: clientKeyFile,
            to: 'read' as const,
            secret: true,
            at: [`proxies[${index}].client_key_file`],
          },
        ]),
  ];
}

function needsOf({ name, tls, secret, secretFile, files, hooks }: AgentConfig): readonly NamedNeed[] {
  const at = `agents.${name}`;
  return [
    ...needsOfTls(tls, name, `${at}.tls`),
    ...(secret.store === 'file' && secret.key.kind === 'key-file'
      ? [
          {
            role: 'the key file',
            path: secret.key.path,
            to: 'read-or-make' as const,
            secret: true,
            agents: [name],
            at: [`${at}.secret.key_file`],
          },
        ]
      : []),
    ...(secretFile === null
      ? []
      : [
          {
            role: 'the secret file',
            path: secretFile,
            to: 'read-if-there' as const,
            secret: true,
            agents: [name],
            at: [`${at}.secret_file`],
          },
        ]),
    ...files.map(({ path }, index) => ({
      role: 'the token file',
      path,
      to: 'replace' as const,
      secret: false,
      agents: [name],
      at: [`${at}.files[${index}].path`],
    })),
    ...hooks.flatMap((hook, index) => needsOfHook(hook, name, `${at}.hooks[${index}]`)),
  ];
}

function needsOfHook(hook: HookConfig, agent: string, at: string): readonly NamedNeed[] {
  if (hook.kind === 'http') return needsOfTls(hook.tls, agent, `${at}.http.tls`);
  if (hook.kind === 'exec' || hook.target.kind === 'unit') return [];
  return [
    {
      role: 'the pid file',
      path: hook.target.path,
      to: 'read-if-there',
      secret: false,
      agents: [agent],
      at: [`${at}.pid_file`],
    },
  ];
}

function needsOfTls(
  { caFile, certFile, keyFile }: TlsConfig,
  agent: string,
  at: string,
): readonly NamedNeed[] {
  const read = (role: string, path: string | undefined, key: string): readonly NamedNeed[] =>
    path === undefined
      ? []
      : [{ role, path, to: 'read', secret: key === 'key_file', agents: [agent], at: [`${at}.${key}`] }];
  return [
    ...read('the CA file', caFile, 'ca_file'),
    ...read('the client certificate', certFile, 'cert_file'),
    ...read('the private key', keyFile, 'key_file'),
  ];
}
