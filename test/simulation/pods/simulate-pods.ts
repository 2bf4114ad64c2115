import { parseArgs } from 'node:util';
import { tellPods } from './tell-pods.ts';

/**
 * `npm run simulate:pods -- --seed N --runs M [--hours H] [--trace]`: tells the stories of the seeds N..N+M-1 of two pods with one
 * Secret. Exit code 1 where an invariant was violated, with the seed and what led to it.
 */

const { values } = parseArgs({
  options: {
    seed: { type: 'string', default: '1' },
    runs: { type: 'string', default: '1' },
    hours: { type: 'string', default: '6' },
    trace: { type: 'boolean', default: false },
  },
});
const [first, runs, hours] = [values.seed, values.runs, values.hours].map(Number);
if (![first, runs, hours].every((number) => Number.isInteger(number) && Number(number) > 0))
  throw new RangeError('--seed, --runs and --hours are whole numbers from 1 on');

const shownLines = 120;
const sum: Record<string, number> = {};
let violated = 0;
for (let seed = first ?? 1; seed < (first ?? 1) + (runs ?? 1); seed += 1) {
  const told = await tellPods(seed, hours, values.trace);
  for (const [what, times] of Object.entries(told.tally)) sum[what] = (sum[what] ?? 0) + times;
  if (values.trace) console.log(told.trace.join('\n'));
  const [violation] = told.violations;
  if (violation === undefined) continue;
  violated += 1;
  console.log(`seed ${seed} (${told.story.policy}): ${violation.invariant}: ${violation.what}`);
  if (violated > 1 || values.trace) continue;
  const { trace } = await tellPods(seed, hours, true);
  console.log(trace.slice(-shownLines).join('\n'));
}
for (const what of Object.keys(sum).toSorted()) console.log(`${String(sum[what]).padStart(10)} ${what}`);
console.log(`\nviolations ${violated}`);
process.exitCode = violated === 0 ? 0 : 1;
