import { hasLabels, type Labels, type MetricData, type Sample } from './metric-data.ts';

/** One row of a counter. Whoever counts keeps it and adds to it, which costs no look-up. */
interface Series extends Sample {
  value: number;
}

/** A counter, or a gauge that is moved up and down. */
export class Counter {
  readonly #name: string;
  readonly #help: string;
  readonly #type: 'counter' | 'gauge';
  readonly #series = new Set<Series>();

  constructor(name: string, help: string, type: 'counter' | 'gauge' = 'counter') {
    this.#name = name;
    this.#help = help;
    this.#type = type;
  }

  /** A new row, shown from now on with 0: what never happens is visible, and a rate is right from the first time. */
  series(labels: Labels): Series {
    const series = { labels, value: 0 };
    this.#series.add(series);
    return series;
  }

  /** A row for each value of one label. */
  seriesFor<Value extends string>(
    values: readonly Value[],
    label: string,
    labels: Labels,
  ): Readonly<Record<Value, Series>> {
    const rows = values.map((value) => [value, this.series({ ...labels, [label]: value })] as const);
    return Object.fromEntries(rows) as Record<Value, Series>;
  }

  /** Ends the rows of an agent; with a path, those of that file. */
  forget(agent: string, path?: string): void {
    for (const series of this.#series) {
      const isMeant =
        series.labels['agent'] === agent && (path ?? series.labels['path']) === series.labels['path'];
      if (isMeant) this.#series.delete(series);
    }
  }

  /** Ends the rows with this value of a label. */
  forgetWhere(label: string, value: string): void {
    for (const series of this.#series) if (series.labels[label] === value) this.#series.delete(series);
  }

  /** Ends the rows that have all of these labels. */
  forgetAll(labels: Labels): void {
    for (const series of this.#series) if (hasLabels(series, labels)) this.#series.delete(series);
  }

  read(): MetricData {
    const values = [...this.#series];
    return { name: this.#name, help: this.#help, type: this.#type, aggregator: 'sum', values };
  }
}
