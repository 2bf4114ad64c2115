import { Counter } from './counter.ts';
import { type MetricData, type MetricFamily, valuesOf } from './metric-data.ts';

export type ListenerKind = 'unix' | 'tcp' | 'proxy';

/** How somebody waits for news of an agent: with a request that is not answered yet, or in a stream of events. */
export type WatchKind = 'wait' | 'events';

/** `limit`: the user has too many; `full`: the daemon has; `unknown-peer`: the kernel did not say who connects. */
export type ConnectionRefusal = 'limit' | 'full' | 'unknown-peer';

/** Counts for the connections of one listener. */
export interface ConnectionMeter {
  opened(): void;
  closed(): void;
  refused(why: ConnectionRefusal): void;
}

const watchKinds = valuesOf<WatchKind>({ wait: true, events: true });
const refusals = valuesOf<ConnectionRefusal>({ limit: true, full: true, 'unknown-peer': true });

/** What clients of the local API ask and get. */
export class ServingMetrics implements MetricFamily {
  readonly #requests = new Counter(
    'tokenward_http_requests_total',
    'Answered requests of the local API, by route and status.',
  );
  readonly #open = new Counter(
    'tokenward_connections_open',
    'Connections that are open, by kind of listener.',
    'gauge',
  );
  readonly #refused = new Counter(
    'tokenward_connections_refused_total',
    'Connections that were turned away, by kind of listener and reason.',
  );
  readonly #watchers = new Counter(
    'tokenward_watchers',
    'Clients that wait for news of an agent now: with a request, or in a stream of events.',
    'gauge',
  );
  readonly #watching = this.#watchers.seriesFor(watchKinds, 'kind', {});
  readonly #byRoute = new Map<string, Map<number, { value: number }>>();
  readonly #meters: Readonly<Record<ListenerKind, ConnectionMeter>> = {
    unix: this.#newMeter('unix'),
    tcp: this.#newMeter('tcp'),
    proxy: this.#newMeter('proxy'),
  };

  /** One answered request. Called for each token that is served: two look-ups and an addition. */
  request(route: string, status: number): void {
    const row = this.#byRoute.get(route)?.get(status) ?? this.#newRow(route, status);
    row.value += 1;
  }

  /** Somebody begins (1) or ceases (-1) to wait. */
  watching(kind: WatchKind, change: 1 | -1): void {
    this.#watching[kind].value += change;
  }

  connections(listener: ListenerKind): ConnectionMeter {
    return this.#meters[listener];
  }

  read(): readonly MetricData[] {
    return [this.#requests.read(), this.#open.read(), this.#refused.read(), this.#watchers.read()];
  }

  #newRow(route: string, status: number): { value: number } {
    const rows = this.#byRoute.get(route) ?? new Map<number, { value: number }>();
    this.#byRoute.set(route, rows);
    const row = this.#requests.series({ route, status: String(status) });
    rows.set(status, row);
    return row;
  }

  #newMeter(listener: ListenerKind): ConnectionMeter {
    const open = this.#open.series({ listener });
    const refused = this.#refused.seriesFor(refusals, 'reason', { listener });
    return {
      opened: () => void (open.value += 1),
      closed: () => void (open.value -= 1),
      refused: (why) => void (refused[why].value += 1),
    };
  }
}
