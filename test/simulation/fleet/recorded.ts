import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { FleetFigures } from './figures.ts';
import { requestsIn } from './figures.ts';
import { binMs, type Bin } from './fleet.ts';

/** A told story as the picture needs it: kept in a file, since telling it in full size takes a minute. */
export interface Recorded {
  readonly daemons: number;
  readonly ttlMs: number;
  readonly outage: { readonly fromMs: number; readonly untilMs: number };
  readonly capacity: number;
  readonly figures: FleetFigures;
  /** For each {@link columnMs}. */
  readonly columns: readonly Column[];
}

/** Rates are a second, on the average of the column. */
export interface Column {
  readonly granted: number;
  readonly requests: number;
  /** Share of the fleet without a token, 0..1. */
  readonly without: number;
}

export const columnMs = 30_000;

export const recordedPath = join(import.meta.dirname, 'recorded.json');

export function columnsOf(bins: readonly Bin[], daemons: number): readonly Column[] {
  const width = columnMs / binMs;
  return Array.from({ length: Math.floor(bins.length / width) }, (_, index) => {
    const part = bins.slice(index * width, (index + 1) * width);
    const rate = (count: (bin: Bin) => number) => {
      const sum = part.reduce((total, bin) => total + count(bin), 0);
      return Math.round((sum / (columnMs / 1_000)) * 10) / 10;
    };
    return {
      granted: rate((bin) => bin.granted),
      requests: rate(requestsIn),
      without: (part.at(-1)?.without ?? 0) / daemons,
    };
  });
}

/** Columns as text, one measure a line: the file is read by people when it changes. */
export function encode({ columns, ...rest }: Recorded): string {
  const list = (name: keyof Column) => columns.map((column) => column[name]).join(' ');
  const lines = { granted: list('granted'), requests: list('requests'), without: list('without') };
  return `${JSON.stringify({ ...rest, columns: lines }, null, 2)}\n`;
}

export async function readRecorded(): Promise<Recorded> {
  const { columns, ...rest } = JSON.parse(await readFile(recordedPath, 'utf8')) as Omit<
    Recorded,
    'columns'
  > & {
    readonly columns: Readonly<Record<keyof Column, string>>;
  };
  const numbers = (name: keyof Column) => columns[name].split(' ').map(Number);
  const [granted, requests, without] = [numbers('granted'), numbers('requests'), numbers('without')];
  return {
    ...rest,
    columns: granted.map((each, index) => ({
      granted: each,
      requests: requests[index] ?? Number.NaN,
      without: without[index] ?? Number.NaN,
    })),
  };
}
