import { faults } from './faults.ts';
import { takeBackup } from './faults/hosts.ts';
import { finale } from './finale.ts';
import { enroll, lookAfter } from './person.ts';
import { storyOf, type Story, type StoryOptions } from './story.ts';
import { count, type Tally } from './tally.ts';
import { World, type Violation } from './world.ts';

/** One story from its beginning to its end. */

export interface Told {
  readonly story: Story;
  readonly tally: Tally;
  /** The first one, if any; the story ends with it. */
  readonly violation: Violation | null;
  readonly trace: readonly string[];
  readonly hash: string;
}

const minute = 60_000;
const day = 24 * 60 * minute;

/** `traced`: writes down what happens, which takes much longer. */
export async function tell(seed: number, options: StoryOptions, traced = false): Promise<Told> {
  const story = storyOf(seed, options);
  const world = new World(story, traced);
  const { happenings: _left, ...setting } = story;
  world.trace.add('story', 'begins', setting);
  await begin(world);
  await middle(world);
  if (world.violations.length === 0) await finale(world);
  const { tally, trace } = world;
  tally.seeds = 1;
  tally.days = story.days;
  count(tally.policies, story.policy);
  count(tally.stores, story.store);
  count(tally.products, story.product.kind);
  return { story, tally, violation: world.violations[0] ?? null, trace: trace.lines, hash: trace.hash() };
}

/** Every agent gets its first secret. */
async function begin(world: World): Promise<void> {
  for (const host of world.hosts) host.start();
  await world.truth.elapse(1_000);
  for (const site of world.sites) {
    enroll(site);
    if (!world.story.outageAlone) lookAfter(site);
  }
  await world.truth.elapse(minute);
}

async function middle(world: World): Promise<void> {
  const { truth, story, tally } = world;
  for (const { atMs, host: index, fault } of story.happenings) {
    await truth.elapse(Math.max(0, atMs - world.nowMs()));
    if (world.violations.length > 0) return;
    const host = world.hosts[index];
    if (host === undefined) continue;
    if (host.random.below(4) === 0) takeBackup(host);
    host.note('fault', { fault });
    if (await faults[fault](host, world)) count(tally.faults, fault);
    await truth.elapse(0);
  }
  await truth.elapse(Math.max(0, story.days * day - world.nowMs()));
}
