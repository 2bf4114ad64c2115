import { TokenwardError } from '../domain/errors.ts';
import type { Clock } from '../ports/clock.ts';
import type { Log } from '../ports/log.ts';
import type { AgentRecords, WrappingKeyKeeper } from '../ports/wrapping-keys.ts';
import type { AgentParts } from './agent-parts.ts';
import { explained, recordsToSeal, replaceKey, type KeyUser, type RekeyOptions } from './rekey.ts';

/**
 * Knows which agents have a wrapping key in common, and has all of them for itself while it is replaced. Where it finds that
 * something interrupted a replacement, it finishes it.
 */

type KeptParts = Pick<AgentParts, 'store' | 'journal'>;

/** An agent as its broker shows it. */
export interface KeptAgent {
  readonly name: string;
  /** It is not in the configuration, and perhaps has, or had, another key. */
  readonly isRetired?: boolean;
  maintain<Result>(work: (parts: KeptParts, signal: AbortSignal) => Promise<Result>): Promise<Result>;
  subscribe(listener: () => void): () => void;
  /** Whether its key was found in the middle of a replacement. */
  readonly hasNextKey: boolean;
}

/** Agents with the same one have their key in common. */
type KeyPlace = string;

interface KeyKeeperOptions {
  readonly clock: Clock;
  readonly log: Log;
  /** Told of each agent whose records are sealed with the next key. */
  readonly told?: (sealed: AgentRecords) => void;
}

/** Milliseconds until an interrupted replacement that cannot be finished is tried again: at first, and at most. */
const retryMs = { first: 60_000, last: 3_600_000 };

/** Looks for agents that are not in the configuration. */
type FindRetired = () => Promise<readonly KeptAgent[]>;

interface Group {
  agents: KeptAgent[];
  readonly findRetired: FindRetired;
  /** Replacements under way or waiting. */
  busy: number;
  failures: number;
  cancelRetry: (() => void) | null;
}

export class KeyKeeper implements WrappingKeyKeeper {
  readonly #options: KeyKeeperOptions;
  readonly #groups = new Map<KeyPlace, Group>();

  constructor(options: KeyKeeperOptions) {
    this.#options = options;
  }

  /** All agents of a place must be added before anything is replaced. A half-done replacement is finished as soon as one opens. */
  add(place: KeyPlace, agent: KeptAgent, findRetired: FindRetired = async () => []): void {
    const known = this.#groups.get(place);
    const group = known ?? { agents: [], findRetired, busy: 0, failures: 0, cancelRetry: null };
    group.agents.push(agent);
    this.#groups.set(place, group);
    agent.subscribe(() => this.#finishInterrupted(group));
  }

  /** The agent is given up. What it sealed is from now on that of an agent that the configuration does not name. */
  remove(agentName: string): void {
    for (const [place, group] of this.#groups) {
      group.agents = group.agents.filter(({ name }) => name !== agentName);
      if (group.agents.length > 0) continue;
      group.cancelRetry?.();
      this.#groups.delete(place);
    }
  }

  async replace(agentName: string): Promise<readonly AgentRecords[]> {
    const group = this.#groupOf(agentName);
    try {
      return await this.#maintainAll(group, (users, signal) => this.#replaceLogged(users, { signal }));
    } catch (error) {
      this.#finishLater(group);
      throw error;
    }
  }

  async preview(agentName: string): Promise<readonly AgentRecords[]> {
    return this.#maintainAll(this.#groupOf(agentName), recordsToSeal);
  }

  close(): void {
    for (const group of this.#groups.values()) {
      group.cancelRetry?.();
      group.cancelRetry = () => {};
    }
  }

  #groupOf(name: string): Group {
    const group = [...this.#groups.values()].find(({ agents }) =>
      agents.some((agent) => agent.name === name),
    );
    if (group !== undefined) return group;
    throw new TokenwardError(
      'USAGE',
      `${name} keeps its secret in memory: nothing is sealed, and no key is kept`,
    );
  }

  /** In the order of the names, so that two of these do not wait for each other. */
  async #maintainAll<Result>(
    group: Group,
    work: (users: readonly KeyUser[], signal: AbortSignal) => Promise<Result>,
  ): Promise<Result> {
    group.busy += 1;
    try {
      const agents = [...group.agents, ...(await group.findRetired())];
      return await maintainAll(
        agents.toSorted((a, b) => (a.name < b.name ? -1 : 1)),
        [],
        [],
        work,
      );
    } catch (error) {
      throw explained(error);
    } finally {
      group.busy -= 1;
    }
  }

  async #replaceLogged(users: readonly KeyUser[], options: RekeyOptions): Promise<readonly AgentRecords[]> {
    const { log, told } = this.#options;
    const replaced = await replaceKey(users, { ...options, ...(told !== undefined && { told }) });
    for (const { agent, records } of replaced)
      log.info('wrapping-key-replaced', { agent, records: records.length });
    return replaced;
  }

  /** Called whenever something of an agent may have changed; while one is under way, what the stores found is not the news. */
  #finishInterrupted(group: Group): void {
    if (group.busy > 0 || group.cancelRetry !== null) return;
    if (!group.agents.some((agent) => agent.hasNextKey)) return;
    void this.#finish(group);
  }

  async #finish(group: Group): Promise<void> {
    const { log } = this.#options;
    const agents = group.agents.map(({ name }) => name);
    if (group.failures === 0) log.info('wrapping-key-replacement-resumed', { agents });
    else log.debug('wrapping-key-replacement-resumed', { agents });
    try {
      await this.#maintainAll(group, (users, signal) =>
        this.#replaceLogged(users, { signal, onlyInterrupted: true }),
      );
      group.failures = 0;
    } catch (error) {
      const { code, message } = explained(error);
      const fields = { agents, code, reason: message, failures: group.failures + 1 };
      if (group.failures === 0) log.warn('wrapping-key-not-replaced', fields);
      else log.debug('wrapping-key-not-replaced', fields);
      this.#finishLater(group);
    }
  }

  #finishLater(group: Group): void {
    const delayMs = Math.min(retryMs.first * 2 ** group.failures, retryMs.last);
    group.failures += 1;
    group.cancelRetry ??= this.#options.clock.after(delayMs, () => {
      group.cancelRetry = null;
      this.#finishInterrupted(group);
    });
  }
}

/** Takes one agent after the other, and does the work when all are taken. */
function maintainAll<Result>(
  [next, ...others]: readonly KeptAgent[],
  users: readonly KeyUser[],
  signals: readonly AbortSignal[],
  work: (users: readonly KeyUser[], signal: AbortSignal) => Promise<Result>,
): Promise<Result> {
  if (next === undefined) return work(users, AbortSignal.any([...signals]));
  const { name: agent, isRetired = false } = next;
  return next.maintain(({ store, journal }, signal) =>
    maintainAll(others, [...users, { agent, isRetired, store, journal }], [...signals, signal], work),
  );
}
