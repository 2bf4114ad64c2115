import { Counter } from './counter.ts';
import { Histogram } from './histogram.ts';
import { type MetricData, type MetricFamily, valuesOf } from './metric-data.ts';

export type HookOutcome = 'succeeded' | 'failed' | 'timed-out';

/** Counts for one hook. */
export interface HookMeter {
  /** A try ended, after so many milliseconds, at this time of the wall clock. */
  ended(outcome: HookOutcome, tookMs: number, wallMs: number): void;
}

const outcomes = valuesOf<HookOutcome>({ succeeded: true, failed: true, 'timed-out': true });

/** What is done once a token is in its files. */
export class HookMetrics implements MetricFamily {
  readonly #runs = new Counter(
    'tokenward_hook_runs_total',
    'Tries of a hook that ended, by outcome. One that failed is tried again.',
  );
  readonly #seconds = new Histogram(
    'tokenward_hook_duration_seconds',
    'How long a try of a hook took, whatever came of it.',
    [0.01, 0.1, 1, 10, 60],
  );
  readonly #lastSuccess = new Counter(
    'tokenward_hook_last_success_timestamp_seconds',
    'When a hook last succeeded, as Unix time; 0 where it has not since the start.',
    'gauge',
  );

  /** The hook's meter: its series are shown from now on. */
  meter(agent: string, hook: string, kind: string): HookMeter {
    const labels = { agent, hook, kind };
    const runs = this.#runs.seriesFor(outcomes, 'outcome', labels);
    const seconds = this.#seconds.series(labels);
    const lastSuccess = this.#lastSuccess.series(labels);
    return {
      ended(outcome, tookMs, wallMs) {
        runs[outcome].value += 1;
        seconds.observe(tookMs / 1000);
        if (outcome === 'succeeded') lastSuccess.value = wallMs / 1000;
      },
    };
  }

  /** The hook is not configured any more. */
  forgetHook(agent: string, hook: string): void {
    this.#forget({ agent, hook });
  }

  forget(agent: string): void {
    this.#forget({ agent });
  }

  read(): readonly MetricData[] {
    return [this.#runs.read(), this.#seconds.read(), this.#lastSuccess.read()];
  }

  #forget(labels: Readonly<Record<string, string>>): void {
    for (const metric of [this.#runs, this.#seconds, this.#lastSuccess]) metric.forgetAll(labels);
  }
}
