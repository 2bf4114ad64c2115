import type { TokenRequest } from './token-request.ts';

/** Whose token a client on a Unix socket means: the kernel has said who it is, so its credentials only name an agent. Pure. */

export type AgentChoice =
  | { readonly kind: 'agent'; readonly name: string }
  | { readonly kind: 'unknown-scope' | 'denied' }
  | { readonly kind: 'ambiguous'; readonly readable: readonly string[] };

interface Readable {
  readonly all: readonly string[];
  may(agent: string): boolean;
}

/**
 * `scope` names an agent, or else `client_id` does; where neither does and the caller may read exactly one, that is the one. Agents
 * that it may not read are as unknown to it as those that are not there.
 */
export function chooseAgent({ client, scope }: TokenRequest, readers: Readable): AgentChoice {
  const readable = readers.all.filter((agent) => readers.may(agent));
  if (scope.length > 0) {
    const [name = '', ...others] = scope;
    return others.length === 0 && readable.includes(name)
      ? { kind: 'agent', name }
      : { kind: 'unknown-scope' };
  }
  if (client !== null && readable.includes(client.id)) return { kind: 'agent', name: client.id };
  const [only, ...others] = readable;
  if (only === undefined) return { kind: 'denied' };
  return others.length === 0 ? { kind: 'agent', name: only } : { kind: 'ambiguous', readable };
}
