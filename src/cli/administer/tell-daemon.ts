import type { DaemonClient } from '../../client/daemon-client.ts';
import type { AgentConfig, Config } from '../../config/config.ts';
import { asTokenwardError, TokenwardError } from '../../domain/errors.ts';
import { isNotRunning } from '../either-way.ts';
import { findDaemon } from '../lookup.ts';

/** What the daemon of this host was told of a token that the server has revoked. */
export interface Told {
  readonly agent: string;
  readonly result: 'told' | 'no_token' | 'failed';
  /** Of the newest token, where it was told. */
  readonly sequence: number | null;
  readonly reason: string | null;
}

/**
 * Tells the daemon, for each of these agents, that its token is revoked, so that it makes a new one before a shipper meets the
 * refusal. To be called after the server's answer: which token that is, is asked now. null where no daemon runs.
 */
export async function tellDaemon(
  config: Config,
  agents: readonly AgentConfig[],
): Promise<readonly Told[] | null> {
  const daemon = findDaemon(config);
  if (daemon === null) return null;
  const told: Told[] = [];
  for (const { name } of agents) {
    const one = await tellOne(daemon, name);
    if (one === null) return null;
    told.push(one);
  }
  return told;
}

async function tellOne(daemon: DaemonClient, agent: string): Promise<Told | null> {
  try {
    const { token } = await daemon.status(agent);
    if (token.fingerprint === null) return { agent, result: 'no_token', sequence: null, reason: null };
    const { sequence } = await daemon.tokenRevoked(agent, token.fingerprint);
    return { agent, result: 'told', sequence, reason: null };
  } catch (error) {
    if (isNotRunning(error)) return null;
    return { agent, result: 'failed', sequence: null, reason: asTokenwardError(error).message };
  }
}

/** null where none failed. */
export function notToldError(told: readonly Told[]): TokenwardError | null {
  const failed = told.filter(({ result }) => result === 'failed').map(({ agent }) => agent);
  if (failed.length === 0) return null;
  const advice = `run \`tokenward refresh ${failed[0]}\` for each of them, or wait until their shippers are refused`;
  const what = `the tokens are revoked, but the daemon could not be told of ${failed.join(', ')}`;
  return new TokenwardError('PARTLY_FAILED', `${what}; ${advice}`);
}
