import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { dashboard } from './dashboard/dashboard.ts';

/** Writes deploy/grafana/tokenward.json anew; to be run after a change of scripts/dashboard. */
await writeFile(
  join(import.meta.dirname, '../deploy/grafana/tokenward.json'),
  `${JSON.stringify(dashboard(), null, 2)}\n`,
);
