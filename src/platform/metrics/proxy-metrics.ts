import { Counter } from './counter.ts';
import { type MetricData, type MetricFamily, valuesOf } from './metric-data.ts';

/**
 * What came of sending a request a second time, after its token was rejected. `no-token`: none came in time; `not-kept`: its
 * body was not kept; `failed`: no connection, or the client has gone.
 */
export type ReplayOutcome = 'answered' | 'rejected' | 'no-token' | 'not-kept' | 'failed';

const replayOutcomes = valuesOf<ReplayOutcome>({
  answered: true,
  rejected: true,
  'no-token': true,
  'not-kept': true,
  failed: true,
});
const statusClasses = ['1xx', '2xx', '3xx', '4xx', '5xx'] as const;

/** Counts for one agent's proxies. */
export interface ProxyMeter {
  /** A request begins (1), or is over (-1). */
  open(change: 1 | -1): void;
  /** The client got this status, from the server or from the proxy itself. */
  answered(status: number): void;
  replayed(outcome: ReplayOutcome): void;
}

/** What goes through the injecting proxies. */
export class ProxyMetrics implements MetricFamily {
  readonly #requests = new Counter(
    'tokenward_proxy_requests_total',
    'Requests that an injecting proxy answered, by agent and class of the status.',
  );
  readonly #replays = new Counter(
    'tokenward_proxy_replays_total',
    'Requests whose token the server rejected, by agent and what came of sending them again.',
  );
  readonly #open = new Counter(
    'tokenward_proxy_requests_open',
    'Requests that are on their way through an injecting proxy, by agent.',
    'gauge',
  );
  readonly #meters = new Map<string, ProxyMeter>();

  /** The same again for the same name, until that is forgotten. */
  meter(agent: string): ProxyMeter {
    const known = this.#meters.get(agent);
    if (known !== undefined) return known;
    const meter = this.#newMeter(agent);
    this.#meters.set(agent, meter);
    return meter;
  }

  forget(agent: string): void {
    this.#meters.delete(agent);
    for (const counter of [this.#requests, this.#replays, this.#open]) counter.forget(agent);
  }

  read(): readonly MetricData[] {
    return [this.#requests.read(), this.#replays.read(), this.#open.read()];
  }

  #newMeter(agent: string): ProxyMeter {
    const requests = this.#requests.seriesFor(statusClasses, 'status', { agent });
    const replays = this.#replays.seriesFor(replayOutcomes, 'outcome', { agent });
    const open = this.#open.series({ agent });
    return {
      open: (change) => void (open.value += change),
      answered: (status) => {
        const row = requests[statusClasses[Math.floor(status / 100) - 1] ?? '5xx'];
        row.value += 1;
      },
      replayed: (outcome) => void (replays[outcome].value += 1),
    };
  }
}
