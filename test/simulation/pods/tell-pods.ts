import type { Token } from '../../../src/domain/token.ts';
import { rotationPolicies } from '../../../src/emulator/vcf-logs/rotation-policy.ts';
import { fingerprintOf } from '../../../src/platform/fingerprint.ts';
import { SeededRandom } from '../../fakes/seeded-random.ts';
import { short } from '../trace.ts';
import { podFaults } from './pod-faults.ts';
import type { PodProcess } from './pod-process.ts';
import { agent } from './pod-views.ts';
import { PodWorld, type PodStory, type PodViolation } from './pod-world.ts';

/** One story of two pods, from its beginning to its end. */

const minute = 60_000;
/** After everything is mended: the longest waits that are to be sat out are a lease, a backoff and the pace of refusals. */
const calmMs = 40 * minute;

export interface ToldPods {
  readonly story: PodStory;
  readonly tally: Readonly<Record<string, number>>;
  readonly violations: readonly PodViolation[];
  readonly trace: readonly string[];
  readonly hash: string;
}

export function podStoryOf(seed: number, hours: number): PodStory {
  const random = new SeededRandom(seed);
  const policy = rotationPolicies[random.below(rotationPolicies.length)] ?? 'strict';
  // half of the stories have the server that forgives nothing
  return {
    seed,
    policy: random.below(2) === 0 ? 'strict' : policy,
    ttlMs: random.pick([2, 5, 10]) * minute,
    hours,
  };
}

export async function tellPods(seed: number, hours = 6, traced = false): Promise<ToldPods> {
  const story = podStoryOf(seed, hours);
  const world = new PodWorld(story, traced);
  world.trace.add('story', 'begins', { ...story });
  for (const pod of world.pods) pod.start();
  await world.truth.elapse(minute);
  enroll(world);
  await world.truth.elapse(minute);
  lookAfter(world);
  while (world.nowMs() < hours * 60 * minute && world.violations.length === 0) {
    await world.truth.elapse(world.random.below(6 * minute));
    inspect(world);
    const fault = world.random.pick(podFaults);
    const pod = world.pods[world.random.below(world.pods.length)];
    if (pod !== undefined && fault.happens(world, pod)) world.count(`fault: ${fault.name}`);
  }
  if (world.violations.length === 0) await finale(world);
  const { tally, violations, trace } = world;
  return { story, tally, violations, trace: trace.lines, hash: trace.hash() };
}

/** Somebody brings a new secret to whoever holds the agent, where its status asks for one. */
function lookAfter(world: PodWorld): void {
  world.truth.after(5 * minute + world.random.below(20 * minute), () => {
    const { holder } = world;
    if (holder !== null && (holder.label === 'lost' || holder.label === 'unprovisioned')) enroll(world);
    lookAfter(world);
  });
}

function enroll(world: PodWorld): void {
  const { holder, server } = world;
  if (holder === null) return;
  server.registry.revoke(agent);
  const text = server.create(agent);
  world.trace.add('person', 'enrols', { secret: short(fingerprintOf(text)) });
  void handOver(world, holder, text);
}

async function handOver(world: PodWorld, holder: PodProcess, text: string): Promise<void> {
  const code = await holder.handOver(text);
  world.count(code === null ? 'hand-overs' : 'hand-overs that were refused');
  if (code !== null) world.trace.add('person', 'was told', { code });
}

/** What must hold at any time. */
function inspect(world: PodWorld): void {
  for (const process of world.processes) {
    const { label, token, name } = process;
    if (label === 'blocked') world.violated('nobody-is-blocked', `${name}: ${process.alerts.join(', ')}`);
    // Somebody who is given a new secret revokes the old one; nobody else does.
    if (token !== null && isOver(world, token)) world.violated('no-expired-token-served', name);
    // Whoever does not have the lease may not have heard the newest.
    if (process.frozen || world.leaseHolder !== name) continue;
    if (label === 'revoked' && !world.mayBeLost)
      world.violated('lost-is-told-as-lost', `${name} says that a secret was revoked, and it was not`);
    if (label === 'lost' && !world.mayBeLost) judgeLoss(world, name);
  }
}

/**
 * A pod that took over cannot know that the one before has the answer, and cannot put it into the Secret. It waits for that one
 * as long as its token serves; then the replay tells that the secret is spent. It is not lost: the other one still brings it.
 */
function judgeLoss(world: PodWorld, name: string): void {
  if (!world.isKeptElsewhere())
    return world.violated('received-secrets-survive', `${name} says that a secret was lost, and none was`);
  world.count('told as lost while a pod that is cut off has it');
  // The replay was the end of that one, too.
  if (world.story.policy === 'reuse-revokes-family') world.mayBeLost = true;
}

function isOver(world: PodWorld, token: Token): boolean {
  const now = world.truth.now();
  const endsAtMs = token.sentAt.wallMs + token.ttlMs;
  return now.wallMs - endsAtMs > 2 * world.skewMs + 1_000;
}

/** Everything is mended, and nothing happens any more. */
async function finale(world: PodWorld): Promise<void> {
  world.trace.add('story', 'calms down');
  for (const pod of world.pods) {
    pod.reconnect();
    pod.apiTrouble = 0;
    pod.serverTrouble = 0;
    pod.clock.setWall(0);
    if (pod.clock.asleep) pod.clock.wake();
    pod.start();
  }
  await world.truth.elapse(calmMs);
  inspect(world);
  if (world.processes.some(({ label }) => label === 'lost' || label === 'unprovisioned')) {
    enroll(world);
    await world.truth.elapse(calmMs);
  }
  const holders = world.processes.filter(({ label }) => label !== 'standby');
  const [holder] = holders;
  const labels = world.processes.map(({ name, label }) => `${name} ${label}`).join(', ');
  if (holders.length !== 1 || holder?.label !== 'active') world.violated('leads-back-to-active', labels);
  else judgeStandbys(world, holder);
  world.count(`ends ${holder?.label ?? 'without a holder'}`);
}

function judgeStandbys(world: PodWorld, holder: PodProcess): void {
  const sequence = holder.token?.sequence;
  for (const process of world.processes) {
    if (process === holder) continue;
    if (process.token === null || process.token.sequence !== sequence)
      world.violated(
        'standbys-serve',
        `${process.name} serves ${process.token?.sequence ?? 'nothing'}, the holder ${sequence}`,
      );
    world.count('standbys that serve');
  }
}
