import { setTimeout as pause } from 'node:timers/promises';
import { wasNotSent } from '../client/socket-request.ts';
import type { AgentConfig, Config } from '../config/config.ts';
import { TokenwardError } from '../domain/errors.ts';
import type { Secret } from '../domain/secret.ts';
import type { AgentStatus } from '../domain/status.ts';
import { findDaemon } from './lookup.ts';
import type { Program } from './program.ts';

/**
 * The way of a new secret into the agent's store: through the running daemon, or, where none runs, past it under the same
 * locks. A daemon may start or end at any moment, so one way failing for that reason leads to the other.
 */

export interface Recipient {
  readonly config: Config;
  readonly agent: AgentConfig;
  readonly program: Program;
}

/** Where the secret is now. `status` is null where no daemon runs that could have tried it. */
export type HandOverResult =
  | { readonly granted: boolean; readonly status: AgentStatus }
  | { readonly granted: false; readonly status: null };

/** Milliseconds that the server's verdict is waited for. */
export const verdictMs = 30_000;

const tries = 5;
/** Milliseconds between them: a daemon that starts holds its agents before it listens. */
const pauseMs = 1000;

/**
 * Resolves once the secret is durable. Rejects `HANDOVER_REFUSED` where the server refused it, and with what the daemon, or
 * the store, says where it was not taken.
 */
export async function handOver(recipient: Recipient, secret: Secret): Promise<HandOverResult> {
  for (let left = tries - 1; ; left -= 1) {
    const result =
      (await throughDaemon(recipient, secret)) ?? (await pastDaemon(recipient, secret, left === 0));
    if (result !== null) return result;
    await pause(pauseMs);
  }
}

/** null where no daemon listens. */
async function throughDaemon({ config, agent }: Recipient, secret: Secret): Promise<HandOverResult | null> {
  try {
    return (await findDaemon(config)?.handOver(agent.name, secret, verdictMs)) ?? null;
  } catch (error) {
    if (isNotRunning(error)) return null;
    throw error;
  }
}

/** null where another process holds the agent, which is told to the user only when it lasts. */
async function pastDaemon(
  { config, agent, program }: Recipient,
  secret: Secret,
  isLast: boolean,
): Promise<HandOverResult | null> {
  const { storeHandOver } = await import('../operator.ts');
  try {
    await storeHandOver({ config, agent: agent.name, ...program }, secret);
    return { granted: false, status: null };
  } catch (error) {
    if (!isLast && error instanceof TokenwardError && error.code === 'AGENT_HELD') return null;
    throw error;
  }
}

/** Only where the daemon surely got nothing: a secret that is sent twice may look like a stolen one to its server. */
export function isNotRunning(error: unknown): boolean {
  return wasNotSent(error) && error instanceof TokenwardError && error.code === 'DAEMON_NOT_RUNNING';
}
