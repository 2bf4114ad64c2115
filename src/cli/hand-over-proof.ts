import type { DaemonClient } from '../client/daemon-client.ts';
import { type ErrorCode, TokenwardError } from '../domain/errors.ts';
import type { AgentStatus } from '../domain/status.ts';
import { isNotRunning } from './either-way.ts';
import type { Recipient } from './hand-over.ts';
import { findDaemon } from './lookup.ts';

/**
 * Rejects where a hand-over could not be taken, as far as that can be told before there is a secret. Once the server has made
 * one, it is too late to find out that nobody can keep it.
 */
export async function proveHandOver(recipient: Recipient): Promise<void> {
  const { config, agent, program } = recipient;
  const daemon = findDaemon(config);
  try {
    if (daemon !== null) return await proveDaemon(daemon, agent.name);
  } catch (error) {
    if (!isNotRunning(error)) throw error;
  }
  const { proveHandOver: proveStore } = await import('../operator.ts');
  await proveStore({ config, agent: agent.name, ...program });
}

async function proveDaemon(daemon: DaemonClient, agent: string): Promise<void> {
  await daemon.proveHandOver(agent);
  const status = await visibleStatus(daemon, agent);
  const obstacle = status?.alerts.find(({ code }) => obstacles.has(code));
  if (obstacle !== undefined) throw new TokenwardError(obstacle.code, obstacle.summary);
}

/** Alerts under which the daemon takes no secret. */
const obstacles: ReadonlySet<ErrorCode> = new Set<ErrorCode>([
  'STATE_UNREADABLE',
  'STORE_MISMATCH',
  'STORE_UNAVAILABLE',
  'SECRET_NOT_PERSISTED',
]);

/** null where this user may hand over secrets, but may not see the status. */
async function visibleStatus(daemon: DaemonClient, agent: string): Promise<AgentStatus | null> {
  try {
    return await daemon.status(agent);
  } catch (error) {
    if (error instanceof TokenwardError && error.code === 'PEER_DENIED') return null;
    throw error;
  }
}
