import { readFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { fleetPicture } from '../../../scripts/pictures/fleet-picture.ts';
import { Agenda } from './agenda.ts';
import { figuresOf, type FleetFigures } from './figures.ts';
import { tellFleet } from './fleet.ts';
import { type Column, columnsOf, readRecorded } from './recorded.ts';
import { broken, fleetOf, measuring, published, type StoryOptions } from './story.ts';

/** What docs/fleet.md claims, in a fleet small enough for every run. `npm run simulate:fleet` does it with 100 000. */

const small = 3_000;
/** Of a token's life: over less, chance alone makes peaks in a fleet of this size. */
const peakShare = 1 / 30;

interface Told {
  readonly figures: FleetFigures;
  readonly columns: readonly Column[];
}

/** A story takes seconds, and several tests ask about the same one. */
const tales = new Map<string, Told>();

function tale(over: Partial<StoryOptions> = {}): Told {
  const key = JSON.stringify(over);
  const known = tales.get(key);
  if (known !== undefined) return known;
  const story = { ...published, daemons: small, ...over };
  const fleet = fleetOf(story);
  const { bins } = tellFleet(fleet);
  const figures = figuresOf({ bins }, fleet, measuring(story, story.ttlMs * peakShare));
  const found = { figures, columns: columnsOf(bins, story.daemons) };
  tales.set(key, found);
  return found;
}

function told(over?: Partial<StoryOptions>): FleetFigures {
  return tale(over).figures;
}

const tiny = (seed: number) => tellFleet(fleetOf({ ...published, daemons: 200, seed }));

describe('a fleet', { timeout: 180_000 }, () => {
  it.each([
    ['is turned away with 429 and Retry-After, and finds no server', {}],
    ['is answered 503 by what stands before the server', { overload: 'unavailable', outage: 'unavailable' }],
    ['has a server with half as much again as it needs', { capacity: 1.5 }],
    ['has tokens of five hours', { ttlMs: 5 * 3_600_000 }],
    ['has another seed', { seed: 2 }],
  ] as const)('%s: and keeps to what is claimed', (_what, over) => {
    const figures = told(over);
    expect(broken(figures)).toEqual([]);
    const { plannedRate, start, settled, recovery, afterwards } = figures;
    for (const { meanRate } of [settled, afterwards]) expect(meanRate / plannedRate).toBeCloseTo(1, 0.5);
    const { capacity }: StoryOptions = { ...published, ...over };
    /** Minutes that the server needs at least for all. */
    const leastMinutes = small / (capacity * plannedRate) / 60;
    expect(start.minutes).toBeLessThan(leastMinutes + 8);
    expect(recovery.minutes).toBeLessThan(leastMinutes + 8);
  });

  it('that is told Retry-After asks no more than six times for each daemon until all have started', () => {
    expect(told().start.requests).toBeLessThan(6);
  });

  it('stays served through an outage shorter than what is left at the latest refresh, less the longest pause', () => {
    // 30 minutes; 0.15 of five hours is 45, and the longest pause is 5
    expect(told({ ttlMs: 5 * 3_600_000 }).outage.without).toBe(0);
    expect(told().outage.without).toBeGreaterThan(0.9);
  });

  it('tells the same story for the same seed', () => {
    expect(tiny(1)).toEqual(tiny(1));
    expect(tiny(1)).not.toEqual(tiny(3));
  });
});

describe('the picture', { timeout: 180_000 }, () => {
  it('is drawn from what was recorded', async () => {
    const drawn = await readFile('docs/pictures/fleet.svg', 'utf8');
    expect(drawn, 'npm run simulate:fleet').toBe(fleetPicture(await readRecorded()));
  });

  it('shows what the code does now', async () => {
    const recorded = await readRecorded();
    const { columns } = tale();
    expect(recorded.columns).toHaveLength(columns.length);
    const scale = recorded.daemons / small;
    // Sums of ten minutes, since in a small fleet chance moves more from one half minute to the next.
    for (let from = 0; from < columns.length; from += 20) {
      for (const measure of ['granted', 'requests'] as const) {
        const sum = (of: typeof columns) =>
          of.slice(from, from + 20).reduce((total, column) => total + column[measure], 0);
        const [now, then] = [sum(columns) * scale, sum(recorded.columns)];
        const mean = 20 * recorded.figures.plannedRate;
        expect(Math.abs(now - then), `${measure} from column ${from}: npm run simulate:fleet`).toBeLessThan(
          0.1 * Math.max(now, then) + 0.1 * mean,
        );
      }
    }
  });

  it('goes with a page that has its figures', async () => {
    const page = await readFile('docs/fleet.md', 'utf8');
    const { settled, afterwards, outage, recovery, start, plannedRate } = (await readRecorded()).figures;
    for (const figure of [
      `${plannedRate.toFixed(0)} exchanges a second`,
      `${(settled.peakRate / settled.meanRate).toFixed(2)} times the mean`,
      `${(afterwards.peakRate / afterwards.meanRate).toFixed(2)} times the mean`,
      `${outage.peakRate.toFixed(0)} tries a second`,
      `${recovery.peakRate.toFixed(0)} requests a second`,
      `${recovery.bound.toFixed(0)} a second`,
      `${recovery.minutes} minutes`,
      `${start.minutes} minutes`,
      `${start.requests.toFixed(1)} requests`,
    ])
      expect(page).toContain(figure);
  });
});

it('the agenda gives back everyone in order', () => {
  const agenda = new Agenda();
  const given = Array.from({ length: 500 }, (_, who) => [(who * 7919) % 97, who] as const);
  for (const [at, who] of given) agenda.add(at, who);
  const taken: (readonly [number, number])[] = [];
  while (agenda.size > 0) taken.push([agenda.nextAt, agenda.take()]);
  expect(taken).toEqual(given.toSorted(([a, one], [b, other]) => a - b || one - other));
});
