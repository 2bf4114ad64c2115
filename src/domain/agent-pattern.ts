/**
 * Patterns for names of agents: a name, in which `*` stands for any characters, also for none. Nothing else is special, since
 * names have none of the other characters that patterns elsewhere use.
 */

/** Whether an agent can have this name. */
export function isAgentName(text: string): boolean {
  return agentName.test(text);
}

export const agentName = /^[a-z0-9][a-z0-9._-]{0,62}$/;

/**
 * Whether the pattern means this agent. In time that grows with the product of the lengths at most, whatever the two are: names come
 * from requests.
 */
export function meansAgent(pattern: string, name: string): boolean {
  let at = 0;
  /** Where to go on when what follows the last star does not fit after all. */
  let star = -1;
  let starAt = 0;
  for (let index = 0; index < name.length;) {
    if (pattern[at] === '*') {
      star = at;
      starAt = index;
      at += 1;
    } else if (pattern[at] === name[index]) {
      at += 1;
      index += 1;
    } else if (star === -1) {
      return false;
    } else {
      starAt += 1;
      index = starAt;
      at = star + 1;
    }
  }
  while (pattern[at] === '*') at += 1;
  return at === pattern.length;
}
