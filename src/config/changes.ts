import { isDeepStrictEqual } from 'node:util';
import type { AgentConfig, Config, ListenerConfig, PlaceConfig } from './config.ts';

/** What a reload has to do: the difference between the configuration that a daemon runs with and another one. Pure. */
export interface ConfigChanges {
  /** Keys that differ and that a running daemon cannot change, such as `agents.web-01.secret`. */
  readonly fixed: readonly string[];
  readonly agents: {
    readonly added: readonly AgentConfig[];
    /** As they are to be. */
    readonly changed: readonly AgentConfig[];
    readonly removed: readonly string[];
  };
  /** Whether alerts go other ways. */
  readonly alerts: boolean;
  /** Whether the two say the same. */
  readonly none: boolean;
}

export function changesBetween(before: Config, after: Config): ConfigChanges {
  const agents = compare(before.agents, after.agents, ({ name }) => name);
  const listeners = compare(before.listeners, after.listeners, listenerAddress);
  return {
    // The folder brings other default keys with it.
    fixed:
      before.stateDir === after.stateDir
        ? [...agents.kept.flatMap(fixedOfAgent), ...listeners.kept.flatMap(fixedOfListener)]
        : ['state_dir'],
    agents: {
      added: agents.added,
      changed: agents.kept.filter(([was, is]) => !isDeepStrictEqual(was, is)).map(([, is]) => is),
      removed: agents.removed.map(({ name }) => name),
    },
    alerts: !isDeepStrictEqual(before.alerts, after.alerts),
    none: isDeepStrictEqual(before, after),
  };
}

/** What makes a listener or proxy the same one: the place where clients find it. */
export function listenerAddress(config: PlaceConfig): string {
  const place = config.kind === 'proxy' ? config.place : config;
  return place.kind === 'unix' ? place.path : `${place.host}:${place.port}`;
}

/** All that the daemon binds. */
export function placesIn({
  listeners,
  proxies,
}: Pick<Config, 'listeners' | 'proxies'>): readonly PlaceConfig[] {
  return [...listeners, ...proxies];
}

/** What the secret is bound to: with another store or product it would be another agent's. */
function fixedOfAgent([was, is]: Pair<AgentConfig>): readonly string[] {
  const keys = ['provider', 'secret'] as const;
  return keys.filter((key) => !isDeepStrictEqual(was[key], is[key])).map((key) => `agents.${is.name}.${key}`);
}

/** Who is connected already was asked for, or was not. */
function fixedOfListener([was, is]: Pair<ListenerConfig>): readonly string[] {
  if (was.kind !== 'unix' || is.kind !== 'unix' || was.peerCheck === is.peerCheck) return [];
  return [`listeners: peer_check of ${is.path}`];
}

type Pair<Item> = readonly [was: Item, is: Item];

interface Comparison<Item> {
  readonly added: readonly Item[];
  readonly kept: readonly Pair<Item>[];
  readonly removed: readonly Item[];
}

/** Several of one key (ports that the system chooses) are taken in their order. */
function compare<Item>(
  before: readonly Item[],
  after: readonly Item[],
  keyOf: (item: Item) => string,
): Comparison<Item> {
  const left = [...before];
  const added: Item[] = [];
  const kept: Pair<Item>[] = [];
  for (const is of after) {
    const at = left.findIndex((was) => keyOf(was) === keyOf(is));
    if (at === -1) added.push(is);
    else kept.push([left.splice(at, 1)[0]!, is]);
  }
  return { added, kept, removed: left };
}
