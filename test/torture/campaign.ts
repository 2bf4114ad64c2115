import type { RotationPolicy } from '../../src/emulator/vcf-logs/rotation-policy.ts';
import { SeededRandom } from '../fakes/seeded-random.ts';
import { Court, mostBroken } from './court.ts';
import { drive } from './drive.ts';
import { Life } from './life.ts';
import { planLife } from './plan.ts';
import { openSite, type Site, type SiteOptions } from './site.ts';
import type { Tally } from './tally.ts';
import { newWitness, type Witness } from './witness.ts';

export interface CampaignOptions extends SiteOptions {
  readonly rotations: number;
  readonly seed: number;
  /** Milliseconds after which no further life begins, however few the rotations are. */
  readonly limitMs: number;
  readonly progress: (tally: Readonly<Tally>) => void;
  /** Ends the campaign early. */
  readonly signal: AbortSignal;
}

export interface CampaignResult {
  readonly policy: RotationPolicy;
  readonly tally: Readonly<Tally>;
  readonly seconds: number;
  /** Promises that were not kept, in words. */
  readonly broken: readonly string[];
}

/** Milliseconds for all agents to come to rest in the end. */
const restPatienceMs = 60_000;

/** Kills the daemon again and again in the middle of rotations under one policy, until there were enough of them. */
export async function runCampaign(options: CampaignOptions): Promise<CampaignResult> {
  const startedMs = performance.now();
  const passedMs = (): number => performance.now() - startedMs;
  await using site = await openSite(options);
  const court = new Court(site);
  const witnesses = site.agents.map(newWitness);
  const random = new SeededRandom(options.seed);
  const { tally, broken } = court;
  while (tally.rotations < options.rotations && passedMs() < options.limitMs) {
    if (options.signal.aborted || broken.length >= mostBroken) break;
    await liveAndDie(site, court, witnesses, random);
    options.progress(tally);
  }
  await comeToRest(site, court, witnesses);
  return { policy: site.policy, tally, broken, seconds: passedMs() / 1000 };
}

async function liveAndDie(
  site: Site,
  court: Court,
  witnesses: readonly Witness[],
  random: SeededRandom,
): Promise<void> {
  const enrolling = court.tally.lockOuts > 0 || witnesses.some(({ generation }) => generation === 0);
  const plan = planLife(random, witnesses.length, enrolling);
  site.emulator.clearFaults();
  if (plan.latency !== null) site.emulator.addFault(plan.latency);
  await using life = new Life(site, plan.kill);
  await life.ready();
  await Promise.all(witnesses.map((witness) => drive({ site, court, life }, witness)));
  await life.ended();
  court.tally.kills += 1;
  if (life.outcome !== 'SIGKILL')
    court.complain(`the daemon ended by itself, with ${life.outcome}:\n${life.log}`);
  court.examineAll(witnesses, life);
}

/** One more life in which nobody kills: every agent must find its way back, rotate, and leave nothing open behind. */
async function comeToRest(site: Site, court: Court, witnesses: readonly Witness[]): Promise<void> {
  site.emulator.clearFaults();
  await using life = new Life(site, null);
  const patience = setTimeout(() => void life.end('SIGKILL'), restPatienceMs);
  await life.ready();
  await Promise.all(witnesses.map((witness) => drive({ site, court, life }, witness, 1)));
  clearTimeout(patience);
  await life.end('SIGTERM');
  if (life.outcome !== 0)
    court.complain(`not every agent came back within ${restPatienceMs} ms, or the stop failed:\n${life.log}`);
  court.examineAll(witnesses, life);
  court.close(witnesses);
}
