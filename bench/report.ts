import { cpus, release } from 'node:os';
import { verdictOf, type Result, type Unit } from './result.ts';

/** How a run of the benchmark is told: a table for people, JSON for programs. */

export interface Report {
  readonly date: string;
  readonly node: string;
  readonly linux: string;
  readonly processor: string;
  readonly results: readonly Result[];
}

export function reportOf(results: readonly Result[]): Report {
  const [processor] = cpus();
  return {
    date: new Date().toISOString(),
    node: process.version,
    linux: release(),
    processor: `${cpus().length} × ${processor?.model.trim() ?? 'unknown'}`,
    results,
  };
}

export function asJson({ results, ...rest }: Report): string {
  const judged = results.map((result) => ({ ...result, verdict: verdictOf(result) }));
  return `${JSON.stringify({ ...rest, results: judged }, null, 2)}\n`;
}

export function asTable({ date, node, linux, processor, results }: Report): string {
  const head = ['', 'value', 'budget', '', ''];
  const rows = [head, ...results.map(row)];
  const widths = head.map((_, column) => Math.max(...rows.map((cells) => cells[column]?.length ?? 0)));
  const lines = rows.map((cells) =>
    cells
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd(),
  );
  return [`${date.slice(0, 10)}, Node.js ${node}, Linux ${linux}, ${processor}`, '', ...lines, ''].join('\n');
}

function row(result: Result): readonly string[] {
  const { name, value, unit, budget, note } = result;
  const verdict = verdictOf(result);
  return [
    name,
    value === null ? '–' : quantity(value, unit),
    budget === undefined ? '' : bound(budget, unit),
    verdict === 'no budget' ? '' : verdict,
    note,
  ];
}

function bound(budget: NonNullable<Result['budget']>, unit: Unit): string {
  return 'most' in budget ? `≤ ${quantity(budget.most, unit)}` : `≥ ${quantity(budget.least, unit)}`;
}

function quantity(value: number, unit: Unit): string {
  switch (unit) {
    case 'ratio':
      return value.toFixed(2);
    case 'requests/s':
      return `${Math.round(value).toLocaleString('en')}/s`;
    case 'per minute':
      return `${Number(value.toFixed(1))}/min`;
    case 'ms':
      return `${value < 10 ? value.toFixed(2) : Math.round(value)} ms`;
    case 'MiB':
      return `${Number(value.toFixed(1))} MiB`;
  }
}
