/** Counters, gauges and histograms as data, in the shape that prom-client's `AggregatorRegistry.aggregate` turns into text. */

export interface MetricData {
  readonly name: string;
  readonly help: string;
  readonly type: 'counter' | 'gauge' | 'histogram';
  readonly aggregator: 'sum';
  readonly values: readonly Sample[];
}

export interface Sample {
  readonly labels: Readonly<Record<string, string | number>>;
  readonly value: number;
  /** Where it is not the metric's own name: the parts of a histogram. */
  readonly metricName?: string;
}

export function gaugeOf(name: string, help: string, values: readonly Sample[]): MetricData {
  return { name, help, type: 'gauge', aggregator: 'sum', values };
}

/** Counts by two labels. */
export class CounterData {
  readonly #name: string;
  readonly #help: string;
  readonly #labels: readonly [string, string];
  readonly #counts = new Map<string, Map<string, number>>();

  constructor(name: string, help: string, labels: readonly [string, string]) {
    this.#name = name;
    this.#help = help;
    this.#labels = labels;
  }

  add(first: string, second: string): void {
    const counts = this.#counts.get(first) ?? new Map<string, number>();
    this.#counts.set(first, counts);
    counts.set(second, (counts.get(second) ?? 0) + 1);
  }

  read(): MetricData {
    const [firstLabel, secondLabel] = this.#labels;
    const values = [...this.#counts].flatMap(([first, counts]) =>
      [...counts].map(([second, value]) => ({
        labels: { [firstLabel]: first, [secondLabel]: second },
        value,
      })),
    );
    return { name: this.#name, help: this.#help, type: 'counter', aggregator: 'sum', values };
  }
}

interface Observations {
  /** By bucket, not yet cumulated; the last is for what is above all bounds. */
  readonly counts: number[];
  sum: number;
}

/** Distributions by one label. */
export class HistogramData {
  readonly #name: string;
  readonly #help: string;
  readonly #label: string;
  readonly #bounds: readonly number[];
  readonly #observations = new Map<string, Observations>();

  /** `bounds` ascend; the one without limit is added. */
  constructor(name: string, help: string, label: string, bounds: readonly number[]) {
    this.#name = name;
    this.#help = help;
    this.#label = label;
    this.#bounds = [...bounds, Infinity];
  }

  observe(labelValue: string, value: number): void {
    const seen = this.#observations.get(labelValue) ?? { counts: this.#bounds.map(() => 0), sum: 0 };
    this.#observations.set(labelValue, seen);
    const bucket = this.#bounds.findIndex((bound) => value <= bound);
    seen.counts[bucket] = (seen.counts[bucket] ?? 0) + 1;
    seen.sum += value;
  }

  read(): MetricData {
    const values = [...this.#observations].flatMap(([labelValue, seen]) =>
      this.#samples({ [this.#label]: labelValue }, seen),
    );
    return { name: this.#name, help: this.#help, type: 'histogram', aggregator: 'sum', values };
  }

  #samples(labels: Record<string, string>, { counts, sum }: Observations): readonly Sample[] {
    let count = 0;
    const buckets = this.#bounds.map((bound, index) => {
      count += counts[index] ?? 0;
      return {
        metricName: `${this.#name}_bucket`,
        labels: { le: bound === Infinity ? '+Inf' : bound, ...labels },
        value: count,
      };
    });
    return [
      ...buckets,
      { metricName: `${this.#name}_sum`, labels, value: sum },
      { metricName: `${this.#name}_count`, labels, value: count },
    ];
  }
}
