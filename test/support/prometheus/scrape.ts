/** The Prometheus text format 0.0.4, as far as tests read it. */

export interface Metric {
  readonly type: string;
  readonly help: string;
  readonly samples: readonly Sample[];
}

export interface Sample {
  /** That of the metric, or of a part of a histogram. */
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

const partsOfHistograms = /_(bucket|sum|count)$/;

/** The metrics of a scrape by name. */
export class Scrape {
  readonly metrics: ReadonlyMap<string, Metric>;

  constructor(text: string) {
    const metrics = new Map<string, { type: string; help: string; samples: Sample[] }>();
    for (const line of text.split('\n').filter((each) => each !== '')) {
      const [, word, name = '', rest = ''] = /^# (HELP|TYPE) (\S+) (.*)$/.exec(line) ?? [];
      if (word === 'HELP') metrics.set(name, { help: rest, type: '', samples: [] });
      else if (word === 'TYPE') metrics.get(name)!.type = rest;
      else {
        const sample = sampleOf(line);
        const metric = metrics.get(sample.name) ?? metrics.get(sample.name.replace(partsOfHistograms, ''));
        if (metric === undefined) throw new Error(`no type for ${line}`);
        metric.samples.push(sample);
      }
    }
    this.metrics = metrics;
  }

  /** The value of the one row that has these labels among others; throws where there is none, or more than one. */
  value(name: string, labels: Readonly<Record<string, string>> = {}): number {
    const rows = [...this.metrics.values()]
      .flatMap((metric) => metric.samples)
      .filter((row) => row.name === name && hasLabels(row, labels));
    const [row] = rows;
    if (row === undefined || rows.length > 1)
      throw new Error(`${rows.length} rows of ${name} with ${JSON.stringify(labels)}`);
    return row.value;
  }

  /** The rows of one agent's counter by the values of one label. */
  by(label: string, name: string, agent: string): Readonly<Record<string, number>> {
    const rows = this.metrics.get(name)?.samples.filter((row) => row.labels['agent'] === agent) ?? [];
    return Object.fromEntries(rows.map((row) => [row.labels[label] ?? '', row.value] as const));
  }

  /** The labels of each name that a query may use: those of a histogram are of its parts. */
  labelsByName(): ReadonlyMap<string, ReadonlySet<string>> {
    const found = new Map<string, Set<string>>();
    for (const { samples } of this.metrics.values()) {
      for (const { name, labels } of samples) {
        const known = found.get(name) ?? new Set<string>();
        found.set(name, new Set([...known, ...Object.keys(labels)]));
      }
    }
    return found;
  }
}

function hasLabels(row: Sample, labels: Readonly<Record<string, string>>): boolean {
  return Object.entries(labels).every(([name, value]) => row.labels[name] === value);
}

function sampleOf(line: string): Sample {
  const [, name = '', labels = '', value = ''] = /^([a-z_]+)(?:\{(.*)\})? (\S+)$/.exec(line) ?? [];
  if (name === '') throw new Error(`no sample: ${line}`);
  const pairs = [...labels.matchAll(/([a-z_]+)="((?:[^"\\]|\\.)*)"/g)];
  return {
    name,
    labels: Object.fromEntries(pairs.map(([, key = '', text = '']) => [key, text] as const)),
    value: Number(value),
  };
}
