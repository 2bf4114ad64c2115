import type { AgentConfig } from '../config/config.ts';
import { products } from '../config/products.ts';
import { TokenwardError } from '../domain/errors.ts';

/** What a command asks of the agent's server must be something that its product can do. Throws `USAGE` where it is not. */

export function mustCreateSecrets({ name, provider }: AgentConfig): void {
  if (products[provider].create) return;
  const advice = `make one at the server, and hand it over: \`tokenward import ${name}\``;
  throw new TokenwardError(
    'USAGE',
    `${name} cannot be enrolled from here: ${provider} has no request that creates a secret; ${advice}`,
  );
}

export function mustListSecrets({ name, provider }: AgentConfig): void {
  if (products[provider].list) return;
  const advice = `leave --admin-token-file away: \`tokenward recover ${name}\``;
  throw new TokenwardError('USAGE', `${provider} has no list of secrets that could be asked; ${advice}`);
}
