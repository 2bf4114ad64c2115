/** Panels as data, in the shape of Grafana's classic dashboard model (schemaVersion 39, Grafana 10.4 and later). */

/** A Prometheus that whoever imports the dashboard chooses. */
export const datasource = { type: 'prometheus', uid: '${datasource}' } as const;

/** What the variables at the top leave of a metric's series; to be put into every selector. */
export const ofHosts = 'job=~"$job",instance=~"$instance"';
export const ofAgents = `${ofHosts},agent=~"$agent"`;

export interface Query {
  readonly expr: string;
  /** Of each line; `{{label}}` is replaced by Grafana. */
  readonly legend: string;
}

/** A panel that has no place yet. */
export interface Panel {
  readonly type: 'stat' | 'timeseries' | 'table' | 'bargauge';
  readonly title: string;
  readonly description: string;
  readonly unit: string;
  readonly queries: readonly Query[];
  /** Columns of 24. */
  readonly width: number;
  readonly height: number;
  /** Only the newest value, for tables and bars. */
  readonly instant: boolean;
  /** From which value on it is red; absent where no value is bad by itself. */
  readonly badFrom?: number;
  /** Below which value it is red. */
  readonly badBelow?: number;
}

type PanelSize = Partial<Pick<Panel, 'width' | 'height' | 'badFrom' | 'badBelow'>>;

export function stat(
  title: string,
  description: string,
  unit: string,
  expr: string,
  size: PanelSize = {},
): Panel {
  const queries = [{ expr, legend: '' }];
  return { type: 'stat', title, description, unit, queries, width: 4, height: 4, instant: true, ...size };
}

export function lines(
  title: string,
  description: string,
  unit: string,
  queries: readonly Query[],
  size: PanelSize = {},
): Panel {
  return {
    type: 'timeseries',
    title,
    description,
    unit,
    queries,
    width: 12,
    height: 8,
    instant: false,
    ...size,
  };
}

export function table(title: string, description: string, expr: string, size: PanelSize = {}): Panel {
  const queries = [{ expr, legend: '' }];
  return {
    type: 'table',
    title,
    description,
    unit: 'short',
    queries,
    width: 12,
    height: 8,
    instant: true,
    ...size,
  };
}

export function bars(
  title: string,
  description: string,
  unit: string,
  query: Query,
  size: PanelSize = {},
): Panel {
  return {
    type: 'bargauge',
    title,
    description,
    unit,
    queries: [query],
    width: 12,
    height: 10,
    instant: true,
    ...size,
  };
}
