import { DaemonClient } from '../client/daemon-client.ts';
import type { AgentConfig, Config } from '../config/config.ts';
import { nearest } from '../config/nearest.ts';
import { TokenwardError } from '../domain/errors.ts';

/** What a command is about: the agent that the user named, and the daemon to ask. */

/** Throws `AGENT_UNKNOWN` with the name that was most likely meant. */
export function agentNamed({ agents }: Config, name: string): AgentConfig {
  const agent = agents.find((each) => each.name === name);
  if (agent !== undefined) return agent;
  const names = agents.map((each) => each.name);
  const meant = nearest(name, names);
  const advice = meant === null ? `it has ${names.join(', ')}` : `did you mean "${meant}"?`;
  throw new TokenwardError('AGENT_UNKNOWN', `the configuration has no agent of that name; ${advice}`);
}

/** null where the configuration gives the daemon no Unix socket. */
export function findDaemon({ listeners }: Config): DaemonClient | null {
  const listener = listeners.find(({ kind }) => kind === 'unix');
  return listener?.kind === 'unix' ? new DaemonClient(listener.path) : null;
}

/** Throws `CONFIG_INVALID` where there is no socket to ask at. */
export function requireDaemon(config: Config): DaemonClient {
  const daemon = findDaemon(config);
  if (daemon !== null) return daemon;
  const advice = 'add one, such as `- unix: /run/tokenward/tokenward.sock`, and restart the daemon';
  throw new TokenwardError(
    'CONFIG_INVALID',
    `listeners has no unix socket at which to ask the daemon; ${advice}`,
  );
}
