import { readFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { strip } from '../../scripts/pictures/crash-scenarios-picture.ts';
import { enumerate, enumerateTwice, type Report } from './enumerate.ts';
import { cutTwice, scenarios } from './scenarios.ts';

/** The enumeration as tests: one for each scenario. */

/** How many seconds a test may take on a machine that is busy. */
const timeoutMs = 240_000;

/** `found`: the names of the states that the next start finds, so that none of them goes untested one day. */
export function describeCrashes(
  group: keyof typeof scenarios,
  found: Readonly<Record<string, readonly string[]>>,
): void {
  describe(`a crash at any step of a ${group}`, () => {
    it.each(scenarios[group].map((scenario) => [scenario.name, scenario] as const))(
      '%s',
      async (name, scenario) => {
        const report = await enumerate(scenario);
        expectReport(report, found[name]);
        const drawn = await readFile('docs/pictures/crash-scenarios.svg', 'utf8');
        expect(drawn.includes(strip(report)), 'the picture is an older one: npm run pictures').toBe(true);
      },
      timeoutMs,
    );
  });
}

/** After each `every`th first crash. */
export function describeSecondCrashes(
  every: number,
  found: Readonly<Record<string, readonly string[]>>,
): void {
  describe('a second crash at any step of the start after a crash', () => {
    it.each(
      cutTwice.filter(({ name }) => name in found).map((scenario) => [scenario.name, scenario] as const),
    )(
      '%s',
      async (name, scenario) => {
        expectReport(await enumerateTwice(scenario, { every }), found[name]);
      },
      timeoutMs,
    );
  });
}

function expectReport({ failures, found }: Report, names: readonly string[] | undefined): void {
  expect(failures).toEqual([]);
  expect([...found.keys()].toSorted()).toEqual(names?.toSorted());
}
