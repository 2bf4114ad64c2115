import type { AgentConfig, Config } from '../config/config.ts';
import type { Secret } from '../domain/secret.ts';
import type { AgentStatus } from '../domain/status.ts';
import { eitherWay } from './either-way.ts';
import type { Program } from './program.ts';

/** The way of a new secret into the agent's store. */

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

/**
 * Resolves once the secret is durable. Rejects `HANDOVER_REFUSED` where the server refused it, and with what the daemon, or
 * the store, says where it was not taken.
 */
export function handOver({ config, agent, program }: Recipient, secret: Secret): Promise<HandOverResult> {
  return eitherWay<HandOverResult>(config, {
    throughDaemon: (daemon) => daemon.handOver(agent.name, secret, verdictMs),
    pastDaemon: async () => {
      const { storeHandOver } = await import('../operator.ts');
      await storeHandOver({ config, agent: agent.name, ...program }, secret);
      return { granted: false, status: null };
    },
  });
}
