/** What a scrape shows, as data, in the shape that prom-client's `AggregatorRegistry.aggregate` turns into text. */

export interface MetricData {
  readonly name: string;
  readonly help: string;
  readonly type: 'counter' | 'gauge' | 'histogram';
  readonly aggregator: 'sum';
  readonly values: readonly Sample[];
}

export type Labels = Readonly<Record<string, string | number>>;

export interface Sample {
  readonly labels: Labels;
  readonly value: number;
  /** Where it is not the metric's own name: the parts of a histogram. */
  readonly metricName?: string;
}

/** Whether a row has all of these labels. */
export function hasLabels({ labels }: { readonly labels: Labels }, wanted: Labels): boolean {
  return Object.entries(wanted).every(([name, value]) => labels[name] === value);
}

/** Metrics that belong together, in a file of their own each. */
export interface MetricFamily {
  /** What a scrape shows of them now. */
  read(): readonly MetricData[] | Promise<readonly MetricData[]>;
  /** The agent is no more: its series end. Absent where no metric has agents. */
  forget?(agent: string): void;
}

export function gaugeOf(name: string, help: string, values: readonly Sample[]): MetricData {
  return { name, help, type: 'gauge', aggregator: 'sum', values };
}

/** All values of a union, which a record must name without exception. */
export function valuesOf<Value extends string>(all: Readonly<Record<Value, true>>): readonly Value[] {
  // The keys are those of the record by construction; TypeScript gives them as any text.
  return Object.keys(all) as Value[];
}
