import { accessSync, constants } from 'node:fs';
import { resolve } from 'node:path';
import { DaemonClient } from '../client/daemon-client.ts';
import type { AgentConfig, Config } from '../config/config.ts';
import { nearest } from '../config/nearest.ts';
import { socketInFlawed } from '../config/socket-in-flawed.ts';
import { TokenwardError } from '../domain/errors.ts';
import { remark } from './output.ts';
import { defaultConfigPath, type Program } from './program.ts';
import { readConfiguration } from './read-configuration.ts';

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
export function listed(names: readonly string[]): string {
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
function requireDaemon(config: Config): DaemonClient {
  const daemon = findDaemon(config);
  if (daemon !== null) return daemon;
  const advice = 'add one, such as `- unix: /run/tokenward/tokenward.sock`, and restart the daemon';
  throw new TokenwardError(
    'CONFIG_INVALID',
    `listeners has no unix socket at which to ask the daemon; ${advice}`,
  );
}

/** What a command goes by that asks the daemon and nobody else. */
export interface Asked {
  readonly daemon: DaemonClient;
  /** The agent's name, where the configuration has it. Throws `AGENT_UNKNOWN`. */
  readonly named: (agent: string) => string;
  /** null where the file cannot be used. */
  readonly config: Config | null;
  /** Says, after the answer, that the daemon does not go by the file. */
  readonly remarkFlaw: () => void;
  /** Throws what the daemon answered; where it does not answer and the file cannot be used, that. */
  readonly unanswered: (error: unknown) => never;
}

/**
 * The daemon to ask, also where the configuration was changed to something that cannot be used: a daemon that runs goes on by
 * the one before. Throws as {@link readConfiguration} where not even a socket can be made out.
 */
export function askable(path: string | undefined, program: Program): Asked {
  try {
    const config = readConfiguration(path, program);
    const named = (agent: string) => agentNamed(config, agent).name;
    return { daemon: requireDaemon(config), named, config, remarkFlaw: () => {}, unanswered: rethrow };
  } catch (error) {
    if (!(error instanceof TokenwardError) || error.code !== 'CONFIG_INVALID') throw error;
    const socket = socketInFlawed(resolve(path ?? defaultConfigPath(program.env)), program.env);
    if (socket === null) throw error;
    return {
      daemon: new DaemonClient(socket),
      named: (agent) => agent,
      config: null,
      remarkFlaw: () => remark(`tokenward: ${flawText(error)}`),
      unanswered: (failure) => rethrow(isNotAnswered(failure) ? error : failure),
    };
  }
}

function rethrow(error: unknown): never {
  throw error;
}

function flawText({ message }: TokenwardError): string {
  return `the configuration cannot be used, and the daemon goes on by the one before; run \`tokenward check\`\n${message}`;
}

function isNotAnswered(error: unknown): boolean {
  return error instanceof TokenwardError && error.code === 'DAEMON_NOT_RUNNING';
}
