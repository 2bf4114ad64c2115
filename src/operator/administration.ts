import { httpClientOf } from '../composition.ts';
import type { AgentConfig } from '../config/config.ts';
import { TokenwardError } from '../domain/errors.ts';
import type { Secret } from '../domain/secret.ts';
import type { ProviderAdmin } from '../ports/provider-admin.ts';
import { openAdministration, productsThat } from '../providers/admin-registry.ts';

export { productsThat, type Administrable } from '../providers/admin-registry.ts';
export type { AgentSecretEntry, CreatedSecret } from '../ports/provider-admin.ts';

/** The agent's server, as an administrator speaks to it. */
export interface AdminOptions {
  readonly agent: AgentConfig;
  readonly env: NodeJS.ProcessEnv;
  readonly credential: Secret;
  /** Milliseconds for the answer to one request. */
  readonly deadlineMs: number;
  readonly anotherName?: (name: string) => string;
}

/** Throws `SECRET_INPUT_INVALID` for a credential that cannot be sent, and `CONFIG_INVALID` as the HTTP client does. */
export function administrationOf({
  agent,
  env,
  credential,
  deadlineMs,
  anotherName = (name) => `tokenward secrets create ${name} --agent ${agent.name}`,
}: AdminOptions): ProviderAdmin {
  const http = httpClientOf({ env }, agent, deadlineMs);
  return openAdministration(agent.provider, { http, credential, anotherName });
}

/** The member of an administration. Throws `USAGE` where the agent's product has none. */
export function ableTo<Member>(member: Member | undefined, { name, provider }: AgentConfig): Member {
  if (member !== undefined) return member;
  throw new TokenwardError('USAGE', `${name} is of ${provider}, which cannot do that`);
}

/** The agents whose product can do all of this. */
export function agentsThat(
  agents: readonly AgentConfig[],
  can: Parameters<typeof productsThat>[0],
): readonly AgentConfig[] {
  const products = productsThat(can);
  return agents.filter(({ provider }) => products.includes(provider));
}
