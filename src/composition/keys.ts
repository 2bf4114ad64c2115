import { join } from 'node:path';
import { agentNamed, lockPathsOf, type Host } from '../composition.ts';
import type { AgentConfig, Config } from '../config/config.ts';
import type { KeptAgent, KeyKeeper } from '../engine/key-keeper.ts';
import { retiredAgent } from '../engine/retired-agent.ts';
import { FileJournal } from '../journal/file-journal.ts';
import type { Log } from '../ports/log.ts';
import { keyPlace } from '../secrets/key-place.ts';

/** Which agents have their wrapping key in common. */

export interface KeyUserOptions {
  readonly host: Host;
  readonly log: Log;
  readonly config: AgentConfig;
  readonly agent: KeptAgent;
  /** Whether the configuration of now names an agent. */
  readonly isKnown: (agent: string) => boolean;
}

/**
 * Finds which agents have their key in common; a store that seals nothing has none. Returns what tells the keeper, all at
 * once: a half-done replacement must not be finished for a part of those who share the key.
 */
export async function findKeyPlaces(keys: KeyKeeper, users: readonly KeyUserOptions[]): Promise<() => void> {
  const places = await Promise.all(users.map(({ config, agent }) => keyPlace(config.secret, agent.name)));
  return () => {
    for (const [index, user] of users.entries()) {
      const place = places[index];
      if (place != null) keys.add(place, user.agent, () => retiredAgents(user));
    }
  };
}

/** What the state folder has of agents that the configuration does not name (any more), as if they had this store. */
async function retiredAgents({
  host,
  log,
  config: { secret },
  isKnown,
}: KeyUserOptions): Promise<readonly KeptAgent[]> {
  if (secret.store !== 'file') return [];
  const { config, disk, random, locks, openStore } = host;
  const retired: KeptAgent[] = [];
  for (const agent of (await disk.list(join(config.stateDir, 'agents'))) ?? []) {
    const folder = join(config.stateDir, 'agents', agent);
    const files = (await disk.stat(folder))?.kind === 'folder' ? await disk.list(folder) : null;
    if (isKnown(agent) || files?.some((file) => file.endsWith('.sealed')) !== true) continue;
    const store = openStore(secret, { agent, folder });
    const journal = new FileJournal({ disk, random, folder, agent });
    const lockPaths = lockPathsOf(host, folder, store);
    retired.push(retiredAgent(agent, { locks, lockPaths, log, store, journal }));
  }
  return retired;
}

/** The agents that have their wrapping key in common with this one, and itself, in the order of their names. */
export async function keySharers(config: Config, agent: string): Promise<readonly string[]> {
  const place = await keyPlace(agentNamed(config, agent).secret, agent);
  const places = config.agents.map(async ({ name, secret }) => ({
    name,
    place: await keyPlace(secret, name),
  }));
  const sharers = (await Promise.all(places)).filter((each) => each.name === agent || each.place === place);
  return place === null ? [agent] : sharers.map(({ name }) => name).toSorted();
}
