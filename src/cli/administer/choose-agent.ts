import type { AgentConfig, Config } from '../../config/config.ts';
import { TokenwardError } from '../../domain/errors.ts';
import type { Administrable } from '../../operator/administration.ts';
import { agentNamed, listed } from '../lookup.ts';

const deeds = {
  create: 'create secrets',
  list: 'list secrets',
  revoke: 'revoke secrets',
  bulkRevoke: 'revoke credentials',
  revokeTokens: 'revoke all tokens',
} as const satisfies Record<Administrable, string>;

/**
 * The agent whose server is to do it: the one that is named, else the only one that fits. Rejects `AGENT_UNKNOWN`, `USAGE` where
 * it does not fit or none is named of several, and `CONFIG_INVALID` where none fits.
 */
export async function chooseAgent(
  config: Config,
  can: Administrable,
  named: string | undefined,
): Promise<AgentConfig> {
  const { agentsThat, productsThat } = await import('../../operator/administration.ts');
  const fitting = agentsThat(config.agents, can);
  const names = fitting.map(({ name }) => name);
  const products = productsThat(can).join(' or ');
  const none = `and no agent of this configuration is one; add one with provider: ${products} and its url`;
  if (named !== undefined) {
    const agent = agentNamed(config, named);
    if (fitting.includes(agent)) return agent;
    const advice =
      names.length === 0 ? `, ${none}` : `: name one of its agents with --agent: ${listed(names)}`;
    throw new TokenwardError(
      'USAGE',
      `${agent.name} is of ${agent.provider}, which cannot ${deeds[can]}; ${products} can${advice}`,
    );
  }
  const [first, ...others] = fitting;
  if (first === undefined)
    throw new TokenwardError('CONFIG_INVALID', `only ${products} can ${deeds[can]}, ${none}`);
  if (others.length === 0) return first;
  const which = `the servers of ${fitting.length} agents can ${deeds[can]}`;
  throw new TokenwardError('USAGE', `${which}; name one with --agent: ${listed(names)}`);
}
