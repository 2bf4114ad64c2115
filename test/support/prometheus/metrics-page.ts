import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

export interface DocumentedMetric {
  readonly name: string;
  readonly type: string;
  readonly help: string;
  readonly labels: readonly string[];
}

const row = /^\| `([a-z_]+)` \| (counter|gauge|histogram) \| (.*?) ?\| (.*) \|$/gm;

/** The table "All metrics" of docs/metrics.md. */
export async function documentedMetrics(): Promise<readonly DocumentedMetric[]> {
  const page = await readFile(join(import.meta.dirname, '../../../docs/metrics.md'), 'utf8');
  return [...page.matchAll(row)].map(([, name = '', type = '', labels = '', help = '']) => ({
    name,
    type,
    help,
    labels: [...labels.matchAll(/`([a-z]+)`/g)].map(([, label = '']) => label),
  }));
}
