import { isAgentName, meansAgent } from '../domain/agent-pattern.ts';
import { overflowId } from '../platform/users.ts';
import type { Peer } from './peer.ts';

/** Who may do what on a listener: the `allow` rules of the configuration, names already resolved to numbers. Default deny. */

export type Verb = 'token' | 'status' | 'admin';

interface Grant {
  readonly may: readonly Verb[];
  /** Patterns for the agents that it is about; null or absent: all of them, also those that come later. */
  readonly agents?: readonly string[] | null;
}

/** Verbs for one user or for the members of one group. */
export type AllowRule = ({ readonly user: number } | { readonly group: number }) & Grant;

/** What one connection may do; asked anew for each request. */
export interface Access {
  /**
   * `agent` is a name, also one that no agent has: the answer does not tell which there are. null asks whether there is any agent
   * that the verb is allowed for, and is for routes that show each caller its own agents only.
   */
  may(verb: Verb, agent: string | null): boolean;
}

const isKnown = (id: number) => id !== overflowId;

export function accessOf(peer: Peer, rules: readonly AllowRule[]): Access {
  const { uid } = peer;
  return accessBy(
    uid !== null && isKnown(uid) ? rules.filter((rule) => isMeant(rule, uid, peer.groups)) : [],
  );
}

/** Without a peer check the socket's mode is the only guard: whoever can connect may all that any rule allows. */
export function uncheckedAccess(rules: readonly AllowRule[]): Access {
  return rules.length === 0 ? { may: () => true } : accessBy(rules);
}

/** Nothing is remembered here: rules are few and patterns short, and names of agents come from requests, without end. */
function accessBy(grants: readonly Grant[]): Access {
  return { may: (verb, agent) => grants.some((grant) => grant.may.includes(verb) && isAbout(grant, agent)) };
}

function isAbout({ agents = null }: Grant, agent: string | null): boolean {
  return agents === null || agent === null || agents.some((pattern) => meansAgent(pattern, agent));
}

function isMeant(rule: AllowRule, uid: number, groups: readonly number[]): boolean {
  if ('user' in rule) return rule.user === uid;
  return isKnown(rule.group) && groups.includes(rule.group);
}

/** What was refused, and to whom. */
export interface Denied {
  readonly peer: Peer;
  readonly access: Access;
  readonly verb: Verb;
  /** As the request names it; null where it names none. */
  readonly agent: string | null;
}

/** What a refused caller is told: who the kernel says it is, and the rule that would let it in. */
export function denialOf({ peer, access, verb, agent }: Denied): string {
  const elsewhere = agent !== null && access.may(verb, null);
  if (peer.uid === null) {
    const missing = elsewhere ? ' for this agent; add it to agents of the rule' : '; add it to allow';
    return `no rule of this listener allows "${verb}"${missing}`;
  }
  if (!isKnown(peer.uid)) {
    return `the caller's uid ${peer.uid} stands for every user that this namespace does not know, and is never allowed; map the user into the daemon's namespace`;
  }
  const who = `uid ${peer.uid} (groups ${peer.groups.join(', ')})`;
  const lacks = elsewhere ? `may "${verb}" for other agents only` : `may not "${verb}" here`;
  const narrowed = elsewhere && isAgentName(agent) ? `, agents: [${agent}]` : '';
  return `${who} ${lacks}; add a rule such as { user: ${peer.uid}, may: [${verb}]${narrowed} } to allow of this listener`;
}
