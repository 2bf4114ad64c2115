/**
 * `npm run bench`: what the built daemon weighs and how fast it is, against its budgets (docs/benchmarks.md). Numbers are for
 * reading, and no test asserts them; `--strict` makes a missed budget an exit code.
 */
import { parseArgs } from 'node:util';
import { measureFlood } from './measures/flood.ts';
import { measureIdle } from './measures/idle.ts';
import { measurePersistence } from './measures/persistence.ts';
import { measureProxy } from './measures/proxy.ts';
import { measureStart } from './measures/start.ts';
import { measureThroughput } from './measures/throughput.ts';
import { asJson, asTable, reportOf } from './report.ts';
import { verdictOf, type Result } from './result.ts';
import { openSite, type Site } from './site.ts';

const { values: options } = parseArgs({
  options: {
    quick: { type: 'boolean', default: false },
    json: { type: 'boolean', default: false },
    strict: { type: 'boolean', default: false },
    only: { type: 'string', multiple: true },
    folder: { type: 'string', default: '/var/tmp' },
  },
});

type Measure = (site: Site) => Promise<readonly Result[]>;

const measures: Readonly<Record<string, Measure>> = options.quick
  ? {
      start: (site) => measureStart(site, 3),
      idle: (site) => measureIdle(site, { processes: 1, watchMs: 10_000 }),
      throughput: (site) => measureThroughput(site, { rounds: 1, secondsPerRound: 1 }),
      persistence: (site) => measurePersistence(site, { file: 20, keychain: 3 }),
      flood: (site) => measureFlood(site, { rounds: 1, samples: 200 }),
      proxy: (site) => measureProxy(site, { rounds: 1, secondsPerRound: 1, bytes: 16_384 }),
    }
  : {
      start: (site) => measureStart(site, 21),
      idle: (site) => measureIdle(site, { processes: 3, watchMs: 60_000 }),
      throughput: (site) => measureThroughput(site, { rounds: 7, secondsPerRound: 3 }),
      persistence: (site) => measurePersistence(site, { file: 300, keychain: 50 }),
      flood: (site) => measureFlood(site, { rounds: 3, samples: 1000 }),
      proxy: (site) => measureProxy(site, { rounds: 5, secondsPerRound: 3, bytes: 16_384 }),
    };

const chosen = options.only ?? Object.keys(measures);
const unknown = chosen.filter((name) => !Object.hasOwn(measures, name));
if (unknown.length > 0) {
  process.stderr.write(
    `bench: no measure ${unknown.join(', ')}; there are ${Object.keys(measures).join(', ')}\n`,
  );
  process.exit(64);
}

const results = await measureAll();
const report = reportOf(results);
process.stdout.write(options.json ? asJson(report) : asTable(report));
const unmet = results.filter((result) => result.budget !== undefined && verdictOf(result) !== 'met');
if (options.strict && unmet.length > 0) process.exitCode = 1;

async function measureAll(): Promise<readonly Result[]> {
  await using site = await openSite(options.folder);
  const all: Result[] = [];
  for (const [name, measure] of Object.entries(measures)) {
    if (!chosen.includes(name)) continue;
    process.stderr.write(`measuring ${name} …\n`);
    all.push(...(await measure(site)));
  }
  return all;
}
