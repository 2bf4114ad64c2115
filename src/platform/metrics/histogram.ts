import { hasLabels, type Labels, type MetricData, type Sample } from './metric-data.ts';

interface Observations {
  readonly labels: Labels;
  /** By bucket, not yet cumulated; the last is for what is above all bounds. */
  readonly counts: number[];
  sum: number;
}

/** One row of a histogram. */
export interface HistogramSeries {
  observe(value: number): void;
}

/** A distribution. */
export class Histogram {
  readonly #name: string;
  readonly #help: string;
  readonly #bounds: readonly number[];
  readonly #series = new Set<Observations>();

  /** `bounds` ascend; the one without limit is added. */
  constructor(name: string, help: string, bounds: readonly number[]) {
    this.#name = name;
    this.#help = help;
    this.#bounds = [...bounds, Infinity];
  }

  /** A new row, shown from now on, empty. */
  series(labels: Labels): HistogramSeries {
    const seen = { labels, counts: this.#bounds.map(() => 0), sum: 0 };
    this.#series.add(seen);
    return {
      observe: (value) => {
        const bucket = this.#bounds.findIndex((bound) => value <= bound);
        seen.counts[bucket] = (seen.counts[bucket] ?? 0) + 1;
        seen.sum += value;
      },
    };
  }

  forget(agent: string): void {
    for (const series of this.#series) if (series.labels['agent'] === agent) this.#series.delete(series);
  }

  /** Ends the rows that have all of these labels. */
  forgetAll(labels: Labels): void {
    for (const seen of this.#series) if (hasLabels(seen, labels)) this.#series.delete(seen);
  }

  read(): MetricData {
    const values = [...this.#series].flatMap((seen) => this.#samples(seen));
    return { name: this.#name, help: this.#help, type: 'histogram', aggregator: 'sum', values };
  }

  #samples({ labels, counts, sum }: Observations): readonly Sample[] {
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
