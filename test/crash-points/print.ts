import { parseArgs } from 'node:util';
import { enumerate, enumerateTwice, type Report } from './enumerate.ts';
import { cutTwice, scenarios } from './scenarios.ts';

/**
 * Prints how many states the crashes leave, and what becomes of them. `--only ID` runs the states whose id begins so, as a
 * failure names them; `--first-failure` ends with the first one. Where there are two crashes, every eighth first one is taken:
 * `--every 1` takes all of them, which is many minutes of work.
 */

const { values } = parseArgs({
  options: {
    only: { type: 'string', default: '' },
    every: { type: 'string', default: '8' },
    'first-failure': { type: 'boolean', default: false },
  },
});
const { only } = values;
const wanted = { only, every: only === '' ? Number(values.every) : 1, allFailures: !values['first-failure'] };

const totals = { crashes: 0, killed: 0, powerCuts: 0, runs: 0, failures: 0 };

line('scenario', 'crashes', 'SIGKILL', 'power cut', 'runs', 'found by the next start; what it becomes');
for (const scenario of Object.values(scenarios).flat())
  if (isWanted(scenario.name)) print(await enumerate(scenario, wanted));
for (const scenario of cutTwice) if (isWanted(scenario.name)) print(await enumerateTwice(scenario, wanted));
line(
  'total',
  totals.crashes,
  totals.killed,
  totals.powerCuts,
  totals.runs,
  `${totals.killed + totals.powerCuts} states`,
);
if (totals.failures > 0) process.exitCode = 1;

function isWanted(name: string): boolean {
  if (totals.failures > 0 && !wanted.allFailures) return false;
  return only === '' || only === name || only.startsWith(`${name}:`) || only.startsWith(`${name}/`);
}

function print(report: Report): void {
  const { scenario, crashes, killed, powerCuts, runs, found, became, failures } = report;
  line(scenario, crashes, killed, powerCuts, runs, `${inWords(found)}; ${inWords(became)}`);
  for (const failure of failures) process.stdout.write(`  FAILED ${failure}\n`);
  totals.crashes += crashes;
  totals.killed += killed;
  totals.powerCuts += powerCuts;
  totals.runs += runs;
  totals.failures += failures.length;
}

function inWords(counts: ReadonlyMap<string, number>): string {
  return Array.from(counts, ([name, count]) => `${name} ${count}`).join(', ');
}

function line(name: string, ...cells: readonly (string | number)[]): void {
  const numbers = cells.slice(0, -1).map((cell) => String(cell).padStart(11));
  process.stdout.write(`${name.padEnd(30)}${numbers.join('')}  ${cells.at(-1)}\n`);
}
