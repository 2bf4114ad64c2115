import { columnMs, type Column, type Recorded } from '../../test/simulation/fleet/recorded.ts';
import { box, element, line, svg, words } from './svg.ts';
import { style } from './theme.ts';

/** The story of a fleet over time: what the server gets, what it grants, and who has no token. */

const width = 900;
const left = 64;
const right = 20;
const plotWidth = width - left - right;

const ownStyle = `${style}
.granted { fill: #2da44e }
.requests { fill: #f0c33c }
.without { fill: #cf222e }
.away { fill: #d5dbe1; opacity: 0.55 }
.limit { stroke: #59636e; stroke-dasharray: 5 3 }
@media (prefers-color-scheme: dark) {
.granted { fill: #2ea043 }
.requests { fill: #d29922 }
.without { fill: #f85149 }
.away { fill: #3d444d }
.limit { stroke: #9198a1 }
}
`;

interface Plot {
  readonly top: number;
  readonly height: number;
  /** The value at its upper edge. */
  readonly most: number;
}

const rates: Plot = { top: 110, height: 250, most: 24 };
const shares: Plot = { top: 410, height: 80, most: 1 };
const height = 530;

export function fleetPicture(recorded: Recorded): string {
  const { daemons, ttlMs, columns, figures, capacity } = recorded;
  const mean = figures.plannedRate;
  const count = daemons.toLocaleString('en-GB').replaceAll(',', '\u00a0');
  const title = `${count} daemons: a start of all at once, and an outage of 30 minutes`;
  const inMeans = (rate: number) => rate / mean;
  return svg({
    width,
    height,
    title,
    description: `Exchanges a second over time, as multiples of the planned rate of ${mean.toFixed(0)} a second, with a TTL of ${ttlMs / 60_000} minutes. Before the outage the peak is ${ratio(figures.settled)} times the mean, afterwards ${ratio(figures.afterwards)} times. In the recovery at most ${figures.recovery.peakRate.toFixed(0)} requests a second arrive; ${figures.recovery.bound.toFixed(0)} are possible.`,
    style: ownStyle,
    body: [
      box([0.5, 0.5, width - 1, height - 1], 'paper', { rx: 6 }),
      words(20, 32, 'title', title),
      words(20, 52, 'dim', `Exchanges a second, in multiples of the planned rate (${mean.toFixed(0)}/s).`),
      ...legend(),
      ...away(recorded),
      ...axis(rates, [0, 2, 4, 8, 12, 16, 20, 24], (value) => `${value}×`),
      area(recorded, rates, 'requests', (column) => inMeans(column.requests)),
      area(recorded, rates, 'granted', (column) => inMeans(column.granted)),
      limit(rates, inMeans(capacity), 'what this server can grant'),
      limit(rates, 2, 'twice the mean'),
      limit(rates, inMeans(figures.recovery.bound), 'at most in a recovery: 2 × daemons / longest pause'),
      ...beyond(columns, inMeans),
      words(20, shares.top - 12, 'dim', 'Share of the daemons without a valid token.'),
      ...axis(shares, [0, 0.5, 1], (value) => `${100 * value} %`),
      area(recorded, shares, 'without', (column) => column.without),
      ...hours(columns.length * columnMs),
    ],
  });
}

function ratio({ meanRate, peakRate }: { readonly meanRate: number; readonly peakRate: number }): string {
  return (peakRate / meanRate).toFixed(2);
}

function legend(): readonly string[] {
  const rows = [
    ['granted', 'granted'],
    ['requests', 'turned away, or no connection'],
    ['away', 'the server is away'],
  ] as const;
  return rows.flatMap(([kind, meaning], index) => [
    box([20 + index * 230, 68, 12, 12], kind, { rx: 2 }),
    words(40 + index * 230, 78, '', meaning),
  ]);
}

function away({ outage, columns }: Recorded): readonly string[] {
  const [from, until] = [outage.fromMs, outage.untilMs].map((ms) => x(ms / columnMs, columns.length));
  return [rates, shares].map((plot) =>
    box([from ?? 0, plot.top, (until ?? 0) - (from ?? 0), plot.height], 'away'),
  );
}

function x(column: number, columns: number): number {
  return left + (column / columns) * plotWidth;
}

function y({ top, height: tall, most }: Plot, value: number): number {
  return top + tall * (1 - Math.min(value, most) / most);
}

function area({ columns }: Recorded, plot: Plot, kind: string, of: (column: Column) => number): string {
  const steps = columns.map((column, index) => {
    const at = tenth(y(plot, of(column)));
    return `L${tenth(x(index, columns.length))} ${at} L${tenth(x(index + 1, columns.length))} ${at}`;
  });
  const floor = plot.top + plot.height;
  return element('path', {
    class: kind,
    d: `M${left} ${floor} ${steps.join(' ')} L${width - right} ${floor} Z`,
  });
}

function axis(plot: Plot, values: readonly number[], label: (value: number) => string): readonly string[] {
  return values.flatMap((value) => [
    line([left, y(plot, value), width - right, y(plot, value)], value === 0 ? 'rule' : 'lane'),
    words(left - 8, y(plot, value) + 4, 'small dim', label(value), { 'text-anchor': 'end' }),
  ]);
}

function limit(plot: Plot, value: number, meaning: string): string {
  const at = y(plot, value);
  return [
    line([left, at, width - right, at], 'limit'),
    words(width - right - 6, at - 5, 'small halo', meaning, { 'text-anchor': 'end' }),
  ].join('\n');
}

/** The first column, which no scale has room for. */
function beyond(columns: readonly Column[], inMeans: (rate: number) => number): readonly string[] {
  const first = inMeans(columns[0]?.requests ?? 0);
  return [words(left + 6, rates.top + 12, 'small halo', `the start: ${first.toFixed(0)}×`)];
}

function hours(lastsMs: number): readonly string[] {
  const halves = Array.from({ length: Math.floor(lastsMs / 1_800_000) + 1 }, (_, index) => index / 2);
  return halves.map((hour) =>
    words(
      left + ((hour * 3_600_000) / lastsMs) * plotWidth,
      shares.top + shares.height + 20,
      'small dim',
      `${hour} h`,
      {
        'text-anchor': 'middle',
      },
    ),
  );
}

function tenth(value: number): number {
  return Math.round(value * 10) / 10;
}
