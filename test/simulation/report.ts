import { faultKinds } from './fault-kinds.ts';
import { invariants, type InvariantName } from './invariants/names.ts';
import type { StoryOptions } from './story.ts';
import { tokenHappenings, type Tally } from './tally.ts';
import type { Violation } from './world.ts';

/** What a run has shown, for people. */

export interface Finding {
  readonly seed: number;
  readonly violation: Violation;
}

/** From so many seeds on, a fault that never happened or an invariant that never had a case is a flaw of the simulation. */
const enoughSeeds = 1_000;

export function report(
  tally: Tally,
  findings: readonly Finding[],
  options: StoryOptions,
  seconds: number,
): string {
  return [
    `seeds ${tally.seeds}, simulated days ${tally.days}, exchanges ${tally.exchanges}, seconds ${seconds.toFixed(1)}`,
    '',
    section('products', tally.products),
    section('policies', tally.policies),
    section('stores', tally.stores),
    section('how agents ended, before anybody helped', tally.ends),
    section('faults', tally.faults),
    section('what was said of tokens, and what came of it', tally.tokens),
    'invariants, with the number of times each was put to the test',
    ...Object.entries(invariants).map(([name, text]) => `  ${tested(tally, name)} ${text} (${name})`),
    '',
    ...gaps(tally, options),
    ...findings.map(worded),
    `violations ${findings.length}`,
  ].join('\n');
}

/** What a long run should have met and did not. */
export function gaps({ seeds, faults, exercised, tokens }: Tally, options: StoryOptions): string[] {
  if (seeds < enoughSeeds || options.store !== undefined || options.policy !== undefined) return [];
  const names = Object.keys(invariants) as InvariantName[];
  return [
    ...faultKinds.filter((kind) => faults[kind] === undefined).map((kind) => `never happened: ${kind}`),
    ...tokenHappenings.filter((each) => tokens[each] === undefined).map((each) => `never happened: ${each}`),
    ...names.filter((name) => exercised[name] === undefined).map((name) => `never put to the test: ${name}`),
  ];
}

function section(title: string, counts: Readonly<Record<string, number>>): string {
  const sorted = Object.entries(counts).toSorted(([, a], [, b]) => b - a);
  return [title, ...sorted.map(([name, number]) => `  ${String(number).padStart(8)} ${name}`), ''].join('\n');
}

function tested({ exercised }: Tally, name: string): string {
  return String(exercised[name as InvariantName] ?? 0).padStart(8);
}

function worded({ seed, violation: { invariant, what, site, atMs } }: Finding): string {
  const at = (atMs / 3_600_000).toFixed(2);
  return `VIOLATION seed ${seed}: ${what} (${site}, after ${at} hours) [${invariant}: ${invariants[invariant]}]`;
}
