import type { Metrics } from '../platform/metrics.ts';
import type { Agent } from '../ports/agent.ts';
import type { Clock } from '../ports/clock.ts';
import type { Log } from '../ports/log.ts';
import type { WrappingKeyKeeper } from '../ports/wrapping-keys.ts';

/** What every listener needs of the daemon. */
export interface ServeDependencies {
  /** The agents of now, by name; a reload of the configuration may change them. */
  readonly agents: () => ReadonlyMap<string, Agent>;
  readonly clock: Clock;
  readonly log: Log;
  readonly metrics: ServeMetrics;
  readonly keys: WrappingKeyKeeper;
  /** Called when thousands of clients have gone and few are left. */
  readonly giveMemoryBack: () => void;
  readonly description: LoadDescription;
}

/** Resolves to the OpenAPI document of this program, as JSON. */
export type LoadDescription = () => Promise<string>;

/** What listeners count, and what they show to scrapers. */
export type ServeMetrics = Pick<Metrics, 'request' | 'watching' | 'render' | 'connections'>;
