import type * as v from 'valibot';
import type { configSchema } from './schema.ts';

/**
 * What a valid configuration file comes to. Plain data: absolute paths, milliseconds in names that end in `Ms`, permission
 * bits as numbers, users and groups as text (a name or a number).
 */
export type Config = v.InferOutput<ReturnType<typeof configSchema>>;

export type AgentConfig = Config['agents'][number];
export type TlsConfig = AgentConfig['tls'];
export type SecretStoreConfig = AgentConfig['secret'];
export type TokenFileConfig = AgentConfig['files'][number];
export type HookConfig = AgentConfig['hooks'][number];

export type ListenerConfig = Config['listeners'][number];
export type TcpListenerConfig = Extract<ListenerConfig, { kind: 'tcp' }>;
export type UnixListenerConfig = Extract<ListenerConfig, { kind: 'unix' }>;

export type ProxyConfig = Config['proxies'][number];
/** Whatever the daemon binds. */
export type PlaceConfig = ListenerConfig | ProxyConfig;

export type AlertConfig = Config['alerts'][number];
