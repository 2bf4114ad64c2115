import type { DaemonClient } from '../../client/daemon-client.ts';
import type { Config } from '../../config/config.ts';
import { TokenwardError } from '../../domain/errors.ts';
import type { AgentRemains } from '../../domain/remains.ts';
import type { AgentStatus } from '../../domain/status.ts';

/** What the daemon says of its agents; or, where it does not answer, what can be seen without it, and the error that says so. */
export type StatusAnswer =
  | { readonly kind: 'statuses'; readonly statuses: readonly AgentStatus[] }
  | { readonly kind: 'remains'; readonly agents: readonly AgentRemains[]; readonly error: TokenwardError };

export interface StatusQuestion {
  readonly daemon: DaemonClient;
  /** null where the file cannot be used. */
  readonly config: Config | null;
  /** The name of one; null = all agents. */
  readonly agent: string | null;
  readonly env: NodeJS.ProcessEnv;
  /** Throws what to say where the daemon does not answer, and there is no configuration to go by. */
  readonly unanswered: (error: unknown) => never;
}

/** Rejects with what the daemon answers instead, such as `PEER_DENIED`. */
export async function askStatus({
  daemon,
  config,
  agent,
  env,
  unanswered,
}: StatusQuestion): Promise<StatusAnswer> {
  try {
    const statuses = agent === null ? await daemon.statuses() : [await daemon.status(agent)];
    return { kind: 'statuses', statuses };
  } catch (error) {
    if (!(error instanceof TokenwardError) || error.code !== 'DAEMON_NOT_RUNNING') throw error;
    if (config === null) return unanswered(error);
    const { readRemains } = await import('../../operator/remains.ts');
    const wanted = config.agents.filter(({ name }) => agent === null || name === agent);
    const agents = await readRemains({ stateDir: config.stateDir, agents: wanted, env });
    return { kind: 'remains', agents, error: asHeld(error, agents, daemon.socketPath) };
  }
}

/** Whoever starts a daemon where one hangs gets a second one that waits. */
function asHeld(error: TokenwardError, agents: readonly AgentRemains[], socketPath: string): TokenwardError {
  const held = agents.find(({ holder }) => holder.status === 'held');
  if (held === undefined) return error;
  const { pid } = held.holder;
  const advice = `it starts, hangs, or listens elsewhere; see its log: journalctl _PID=${pid}`;
  const message = `process ${pid} holds ${held.agent}, but does not answer at ${socketPath}; ${advice}`;
  return new TokenwardError('DAEMON_NOT_RUNNING', message, { cause: error });
}

/** As the API has it; where no daemon answers, `daemon` is null and `error` says why. `named`: one agent was asked for. */
export function answerBody(answer: StatusAnswer, named: boolean): unknown {
  if (answer.kind === 'statuses') return named ? answer.statuses[0] : { agents: answer.statuses };
  const { code, message } = answer.error;
  const body = { daemon: null, error: { code, detail: message } };
  return named ? { ...body, ...answer.agents[0] } : { ...body, agents: answer.agents };
}
