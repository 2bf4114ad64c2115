import { accessSync, constants } from 'node:fs';
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
  const advice = meant === null ? `it has ${listed(names)}` : `did you mean "${meant}"?`;
  throw new TokenwardError('AGENT_UNKNOWN', `the configuration has no agent of that name; ${advice}`);
}

/** Some of many: a message is no list of hundreds. */
function listed(names: readonly string[]): string {
  const shown = names.slice(0, mostListed).join(', ');
  return names.length > mostListed ? `${shown} and ${names.length - mostListed} more` : shown;
}

const mostListed = 10;

/** null where the configuration gives the daemon no Unix socket. */
export function findDaemon({ listeners }: Config): DaemonClient | null {
  const paths = listeners.flatMap((listener) => (listener.kind === 'unix' ? [listener.path] : []));
  const path = paths.find(letsUsIn) ?? paths[0];
  return path === undefined ? null : new DaemonClient(path);
}

/** Of several sockets, each may be for other users. */
function letsUsIn(socket: string): boolean {
  try {
    accessSync(socket, constants.W_OK);
    return true;
  } catch {
    return false; // not there, or not for us: connecting to the first will tell which
  }
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
