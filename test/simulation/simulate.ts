import { availableParallelism } from 'node:os';
import { parseArgs } from 'node:util';
import { rotationPolicies } from '../../src/emulator/vcf-logs/rotation-policy.ts';
import { gaps, report, type Finding } from './report.ts';
import { tell } from './run.ts';
import type { StoryOptions } from './story.ts';
import { addTally, emptyTally } from './tally.ts';
import { workedOff } from './work.ts';

/**
 * `npm run simulate -- --seed N --runs M [--days D] [--policy P] [--store S] [--trace]`: tells the stories of the seeds
 * N..N+M-1 and watches over every step. Exit code 1 where an invariant was violated, with the seed and
 * what led to it, and where a long run never came to what it is there for.
 */

const stores = ['file', 'keychain', 'memory'] as const;
/** How much of a story is shown before its violation, in lines. */
const shownLines = 80;
const progressEveryMs = 10_000;

function oneOf<Name extends string>(option: string, names: readonly Name[], given: string): Name {
  const found = names.find((name) => name === given);
  if (found === undefined) throw new RangeError(`--${option} is one of ${names.join(', ')}`);
  return found;
}

function positive(option: string, given: string): number {
  const number = Number(given);
  if (Number.isInteger(number) && number > 0) return number;
  throw new RangeError(`--${option} is a whole number from 1 on`);
}

interface Arguments {
  readonly seed: number;
  readonly runs: number;
  readonly trace: boolean;
  readonly jobs: number;
  readonly options: StoryOptions;
}

function readArguments(): Arguments {
  const { values } = parseArgs({
    options: {
      seed: { type: 'string', default: '1' },
      runs: { type: 'string', default: '1' },
      days: { type: 'string', default: '1' },
      jobs: { type: 'string', default: String(availableParallelism()) },
      policy: { type: 'string' },
      store: { type: 'string' },
      trace: { type: 'boolean', default: false },
    },
  });
  const { policy, store } = values;
  return {
    seed: positive('seed', values.seed),
    runs: positive('runs', values.runs),
    trace: values.trace,
    jobs: positive('jobs', values.jobs),
    options: {
      days: positive('days', values.days),
      ...(policy !== undefined && { policy: oneOf('policy', rotationPolicies, policy) }),
      ...(store !== undefined && { store: oneOf('store', stores, store) }),
    },
  };
}

async function main({ seed, runs, trace, jobs, options }: Arguments): Promise<number> {
  const startedAt = Date.now();
  const sum = emptyTally();
  const findings: Finding[] = [];
  let toldAt = startedAt;
  const seeds = Array.from({ length: runs }, (_, index) => seed + index);
  for await (const batch of workedOff(seeds, options, jobs)) {
    addTally(sum, batch.tally);
    findings.push(...batch.findings);
    if (Date.now() - toldAt < progressEveryMs) continue;
    toldAt = Date.now();
    console.error(`${sum.seeds} of ${runs} seeds, ${findings.length} violations`);
  }
  // The same seed once more, and this time everything is written down.
  const shown = findings.toSorted((a, b) => a.seed - b.seed)[0]?.seed ?? (trace ? seed : null);
  if (shown !== null) {
    const { trace: lines } = await tell(shown, options, true);
    const at = lines.findIndex((line) => line.includes('VIOLATION'));
    const end = at < 0 ? lines.length : at + 1;
    console.log(lines.slice(trace ? 0 : Math.max(0, end - shownLines), end).join('\n'));
  }
  console.log(report(sum, findings, options, (Date.now() - startedAt) / 1000));
  return findings.length === 0 && gaps(sum, options).length === 0 ? 0 : 1;
}

function argumentsOrNull(): Arguments | null {
  try {
    return readArguments();
  } catch (error) {
    console.error(error instanceof Error ? error.message : error);
    return null;
  }
}

const given = argumentsOrNull();
process.exitCode = given === null ? 64 : await main(given);
