import { writeFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { fleetPicture } from '../../../scripts/pictures/fleet-picture.ts';
import { figuresOf, type FleetFigures, type Steadiness } from './figures.ts';
import { binMs, tellFleet } from './fleet.ts';
import { columnsOf, encode, recordedPath, type Recorded } from './recorded.ts';
import { broken, fleetOf, measuring, published, type StoryOptions } from './story.ts';

/**
 * `npm run simulate:fleet -- [--daemons N] [--seed N] [--ttl MINUTES] [--capacity MULTIPLE] [--overload rate-limited|unavailable]
 * [--outage refused|unavailable]`: tells the story of a fleet and prints what it comes to. Exit code 1 where a claim of
 * docs/fleet.md does not hold. Without options it also draws docs/pictures/fleet.svg.
 */

const { values } = parseArgs({
  options: {
    daemons: { type: 'string' },
    seed: { type: 'string' },
    ttl: { type: 'string' },
    capacity: { type: 'string' },
    overload: { type: 'string' },
    outage: { type: 'string' },
  },
});
/** Exchanges in the time over which a peak is averaged, at least: in fewer, chance alone makes peaks. */
const leastInPeak = 500;

function number(given: string | undefined, usual: number): number {
  const found = given === undefined ? usual : Number(given);
  if (found > 0) return found;
  throw new RangeError(`${given} is no number above 0`);
}

function oneOf<Name extends string>(names: readonly Name[], given: string | undefined, usual: Name): Name {
  const found = given === undefined ? usual : names.find((name) => name === given);
  if (found === undefined) throw new RangeError(`${given} is none of ${names.join(', ')}`);
  return found;
}

const story: StoryOptions = {
  seed: number(values.seed, published.seed),
  daemons: number(values.daemons, published.daemons),
  ttlMs: number(values.ttl, published.ttlMs / 60_000) * 60_000,
  capacity: number(values.capacity, published.capacity),
  overload: oneOf(['rate-limited', 'unavailable'], values.overload, published.overload),
  outage: oneOf(['refused', 'unavailable'], values.outage, published.outage),
};

const plannedRate = story.daemons / ((0.75 * story.ttlMs) / 1_000);
const peakMs = binMs * Math.ceil((leastInPeak / plannedRate) * (1_000 / binMs));

function told({ meanRate, peakRate }: Steadiness): string {
  return `mean ${meanRate.toFixed(1)}/s, peak ${peakRate.toFixed(1)}/s: ${(peakRate / meanRate).toFixed(2)} times`;
}

function report({ start, settled, outage, recovery, afterwards }: FleetFigures): string {
  return `planned            ${plannedRate.toFixed(1)}/s; peaks are those of ${peakMs / 1_000} s
start of all       ${start.requests.toFixed(2)} requests a daemon, all have a token after ${start.minutes} min
before the outage  ${told(settled)}
outage             tries at most ${outage.peakRate.toFixed(1)}/s; without a token at most ${(100 * outage.without).toFixed(1)} %
recovery           requests at most ${recovery.peakRate.toFixed(1)}/s of ${recovery.bound.toFixed(1)}/s possible; all have a token after ${recovery.minutes} min
afterwards         ${told(afterwards)}
`;
}

const fleet = fleetOf(story);
const { bins } = tellFleet(fleet);
const figures = figuresOf({ bins }, fleet, measuring(story, peakMs));
process.stdout.write(report(figures));
if (Object.keys(values).length === 0) {
  const { daemons, ttlMs, server } = fleet;
  const { fromMs, untilMs } = server.outage ?? { fromMs: 0, untilMs: 0 };
  const columns = columnsOf(bins, daemons);
  const recorded: Recorded = {
    daemons,
    ttlMs,
    outage: { fromMs, untilMs },
    capacity: server.capacity,
    figures,
    columns,
  };
  await writeFile(recordedPath, encode(recorded));
  await writeFile('docs/pictures/fleet.svg', fleetPicture(recorded));
}
for (const claim of broken(figures)) {
  process.stderr.write(`${claim}\n`);
  process.exitCode = 1;
}
