import type { Clock } from '../../ports/clock.ts';
import { Counter } from './counter.ts';
import { gaugeOf, type MetricData, type MetricFamily, valuesOf } from './metric-data.ts';

/** What came of a request to read the configuration anew. */
export type ReloadResult = 'applied' | 'unchanged' | 'rejected';

const results = valuesOf<ReloadResult>({ applied: true, unchanged: true, rejected: true });

/** Whether the daemon runs with the configuration that is in the file. The one of the start counts as a success. */
export class ConfigMetrics implements MetricFamily {
  readonly #clock: Pick<Clock, 'now'>;
  readonly #counter = new Counter(
    'tokenward_config_reloads_total',
    'Times the configuration was read again, by what came of it.',
  );
  readonly #reloads = this.#counter.seriesFor(results, 'result', {});
  #succeeded = true;
  /** Unix time, milliseconds. */
  #succeededAt: number;

  constructor(clock: Pick<Clock, 'now'>) {
    this.#clock = clock;
    this.#succeededAt = clock.now().wallMs;
  }

  reloaded(result: ReloadResult): void {
    this.#reloads[result].value += 1;
    this.#succeeded = result !== 'rejected';
    if (this.#succeeded) this.#succeededAt = this.#clock.now().wallMs;
  }

  read(): readonly MetricData[] {
    return [
      this.#counter.read(),
      gaugeOf(
        'tokenward_config_last_reload_successful',
        'Whether the configuration could be used when it was last read: 1 or 0.',
        [{ labels: {}, value: this.#succeeded ? 1 : 0 }],
      ),
      gaugeOf(
        'tokenward_config_last_reload_success_timestamp_seconds',
        'When a configuration that could be used was last read, as Unix time.',
        [{ labels: {}, value: this.#succeededAt / 1000 }],
      ),
    ];
  }
}
