import type { Peer } from './peer.ts';

/** Who may do what on a listener: the `allow` rules of the configuration, names already resolved to numbers. Default deny. */

export type Verb = 'token' | 'status' | 'admin';

/** Verbs for one user or for the members of one group. */
export type AllowRule =
  | { readonly user: number; readonly may: readonly Verb[] }
  | { readonly group: number; readonly may: readonly Verb[] };

/** What one connection may do; asked anew for each request. */
export interface Access {
  /** `agent` is null where a request is about no agent in particular. */
  may(verb: Verb, agent: string | null): boolean;
}

/**
 * What the kernel shows for an id that our user namespace does not have (`/proc/sys/kernel/overflowuid`, overflowgid):
 * many strangers share it, so no rule can mean it.
 */
const overflowId = 65_534;

const isKnown = (id: number) => id !== overflowId;

export function accessOf(peer: Peer, rules: readonly AllowRule[]): Access {
  const { uid } = peer;
  const granting =
    uid !== null && isKnown(uid) ? rules.filter((rule) => isMeant(rule, uid, peer.groups)) : [];
  return { may: (verb) => granting.some((rule) => rule.may.includes(verb)) };
}

/** Without a peer check the socket's mode is the only guard: whoever can connect may all that any rule allows. */
export function uncheckedAccess(rules: readonly AllowRule[]): Access {
  return { may: (verb) => rules.length === 0 || rules.some((rule) => rule.may.includes(verb)) };
}

function isMeant(rule: AllowRule, uid: number, groups: readonly number[]): boolean {
  if ('user' in rule) return rule.user === uid;
  return isKnown(rule.group) && groups.includes(rule.group);
}

/** What a refused caller is told: who the kernel says it is, and the rule that would let it in. */
export function denialOf(peer: Peer, verb: Verb): string {
  if (peer.uid === null) return `no rule of this listener allows "${verb}"; add it to allow`;
  if (!isKnown(peer.uid)) {
    return `the caller's uid ${peer.uid} stands for every user that this namespace does not know, and is never allowed; map the user into the daemon's namespace`;
  }
  const groups = peer.groups.join(', ');
  return `uid ${peer.uid} (groups ${groups}) may not "${verb}" here; add a rule such as { user: ${peer.uid}, may: [${verb}] } to allow of this listener`;
}
