import type { AgentConfig } from '../../config/config.ts';
import type { Administrator } from '../../operator/administer.ts';
import type { Pause } from '../../operator/repeat.ts';
import { adminCredential } from '../admin-credential.ts';
import { formatSpan } from '../format.ts';
import { remark } from '../output.ts';
import type { Program } from '../program.ts';
import { printable } from '../wrap-words.ts';
import type { StopSignals } from './stop-signals.ts';

/**
 * Whoever administers the agent's server, with the credential that they give. `command` is what was called, for advice. Rejects
 * as the credential's reading does.
 */
export async function administrator(
  agent: AgentConfig,
  command: string,
  adminTokenFile: string | undefined,
  { env }: Program,
): Promise<Administrator> {
  const credential = await adminCredential(`${command} --agent ${agent.name}`, adminTokenFile);
  return { agent, env, credential, stop: never, abandon: never, pausing: remarkPause };
}

/** The same, and whom signals stop. */
export function stoppedBy(who: Administrator, { stop, abandon }: StopSignals): Administrator {
  return { ...who, stop, abandon };
}

const never = new AbortController().signal;

export function remarkPause({ error, pauseMs, attempt }: Pause): void {
  remark(`${printable(error.message)}; attempt ${attempt} in ${formatSpan(Math.ceil(pauseMs / 1000))}`);
}
