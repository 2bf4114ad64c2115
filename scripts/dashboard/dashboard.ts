import { datasource, type Panel } from './panel.ts';
import { atAGlance, durability, exchange, rotation, tokens } from './rows-of-agents.ts';
import { configuration, outputs, processRow } from './rows-of-hosts.ts';

const rows: readonly (readonly [string, readonly Panel[]])[] = [
  ['At a glance', atAGlance],
  ['Tokens', tokens],
  ['Steps of a rotation', rotation],
  ['Exchange', exchange],
  ['Durability', durability],
  ['Outputs and clients', outputs],
  ['Configuration', configuration],
  ['Process', processRow],
];

const columns = 24;

/** Where things are put: from left to right, and a line further down where there is no room. */
class Grid {
  #x = 0;
  #y = 0;
  #lineHeight = 0;

  place(width: number, height: number): { x: number; y: number; w: number; h: number } {
    if (this.#x + width > columns) this.nextLine();
    const place = { x: this.#x, y: this.#y, w: width, h: height };
    this.#x += width;
    this.#lineHeight = Math.max(this.#lineHeight, height);
    return place;
  }

  nextLine(): void {
    this.#y += this.#lineHeight;
    this.#x = 0;
    this.#lineHeight = 0;
  }
}

/** The whole dashboard, as Grafana imports it. */
export function dashboard(): object {
  const grid = new Grid();
  let id = 0;
  const panels = rows.flatMap(([title, members]) => {
    grid.nextLine();
    const row = { id: (id += 1), type: 'row', title, collapsed: false, panels: [] };
    const placedRow = { ...row, gridPos: grid.place(columns, 1) };
    const placed = members.map((panel) => ({
      id: (id += 1),
      ...panelModel(panel),
      gridPos: grid.place(panel.width, panel.height),
    }));
    return [placedRow, ...placed];
  });
  return {
    uid: 'tokenward',
    title: 'tokenward',
    description:
      'Secrets, tokens and rotations of log hosts. The metrics are explained in docs/metrics.md of tokenward.',
    tags: ['tokenward'],
    schemaVersion: 39,
    version: 1,
    editable: true,
    graphTooltip: 1,
    refresh: '1m',
    time: { from: 'now-6h', to: 'now' },
    timezone: 'browser',
    annotations: { list: [] },
    links: [],
    templating: { list: variables() },
    panels,
  };
}

function variables(): readonly object[] {
  const choice = { type: 'query', datasource, refresh: 2, includeAll: true, multi: true, sort: 1 };
  const named = (name: string, label: string, query: string) => ({
    ...choice,
    name,
    label,
    definition: query,
    query: { query, refId: `variable-${name}` },
    current: { text: ['All'], value: ['$__all'] },
  });
  return [
    { type: 'datasource', name: 'datasource', label: 'Prometheus', query: 'prometheus', current: {} },
    named('job', 'Job', 'label_values(tokenward_build_info, job)'),
    named('instance', 'Host', 'label_values(tokenward_build_info{job=~"$job"}, instance)'),
    named('agent', 'Agent', 'label_values(tokenward_agent_info{job=~"$job",instance=~"$instance"}, agent)'),
  ];
}

function panelModel({ type, title, description, queries, instant, ...look }: Panel): object {
  return {
    type,
    title,
    description,
    datasource,
    targets: queries.map(({ expr, legend }, index) => ({
      refId: String.fromCodePoint('A'.codePointAt(0)! + index),
      datasource,
      expr,
      legendFormat: legend,
      instant,
      range: !instant,
      ...(type === 'table' && { format: 'table' }),
    })),
    fieldConfig: { defaults: defaultsOf(look), overrides: [] },
    options: options[type],
    ...(type === 'table' && { transformations: [withoutTime] }),
  };
}

function defaultsOf({ unit, badFrom, badBelow }: Pick<Panel, 'unit' | 'badFrom' | 'badBelow'>): object {
  const steps =
    badBelow === undefined
      ? [
          { color: 'green', value: null },
          ...(badFrom === undefined ? [] : [{ color: 'red', value: badFrom }]),
        ]
      : [
          { color: 'red', value: null },
          { color: 'green', value: badBelow },
        ];
  return { unit, min: unit === 'percentunit' ? 0 : undefined, thresholds: { mode: 'absolute', steps } };
}

const newest = { calcs: ['lastNotNull'], fields: '', values: false };

const options: Readonly<Record<Panel['type'], object>> = {
  stat: { reduceOptions: newest, colorMode: 'value', graphMode: 'none' },
  timeseries: {
    legend: { displayMode: 'list', placement: 'bottom' },
    tooltip: { mode: 'multi', sort: 'desc' },
  },
  table: { showHeader: true },
  bargauge: { reduceOptions: newest, orientation: 'horizontal', displayMode: 'basic' },
};

const withoutTime = { id: 'organize', options: { excludeByName: { Time: true, __name__: true } } };
