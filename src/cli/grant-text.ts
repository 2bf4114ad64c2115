import type { AgentStatus } from '../domain/status.ts';
import { formatSpan } from './format.ts';

/** What the last exchange brought. */
export function grantText({ secret, token }: AgentStatus): string {
  const generation = `generation ${secret.generation}`;
  if (token.expires_at === null || token.expires_in === null) return generation;
  return `${generation}, token valid until ${token.expires_at} (${formatSpan(token.expires_in)})`;
}
