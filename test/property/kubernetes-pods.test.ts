import { describe, expect, it, vi } from 'vitest';
import { secretPlace } from '../fakes/kubernetes/pods.ts';
import { type Pod, TwoPods } from '../fakes/kubernetes/two-pods.ts';

vi.setConfig({ testTimeout: 120_000 });

/**
 * Two pods of one secret, whatever becomes of them and of the way to the API server: never two exchanges in flight, and a secret
 * that was received is lost only together with its pod and its volume, before the API server took it.
 */

const second = 1_000;

/** Whether a story was such that the secret may be gone. */
class Losses {
  may = false;

  /** Called before a pod is killed. */
  judge(world: TwoPods, pod: Pod, keepsVolume: boolean): void {
    const last = world.flights.findLast((flight) => flight.pod === pod.name);
    if (last === undefined) return;
    // nobody has the answer: it was on its way
    if (!last.received) this.may = true;
    // or it is on the volume and in memory only
    else if (!keepsVolume) this.may ||= !isStored(world);
  }
}

/** Whether the object has the newest secret that was received, by itself or as an answer. */
function isStored(world: TwoPods): boolean {
  const data = Object.entries(world.cluster.get(secretPlace).data ?? {});
  const granted = world.flights.filter((flight) => flight.granted).length;
  return data.some(
    ([key, sealed]) =>
      (key === 'current' && generationIn(sealed) >= granted) ||
      (key.startsWith('raw-') && generationIn(sealed) === granted - 1),
  );
}

/** As a sealed record claims in its header. */
function generationIn(sealed: string): number {
  return Number(Buffer.from(sealed, 'base64').readBigUInt64BE(6));
}

async function step(world: TwoPods, losses: Losses): Promise<string> {
  const { random } = world;
  const pod = random.pick(world.pods);
  const did = random.pick([
    'wait',
    'wait',
    'refresh',
    'refresh',
    'kill',
    'vanish',
    'stop',
    'cut',
    'heal',
    'edit',
    'compact',
  ]);
  switch (did) {
    case 'refresh':
      for (const each of world.pods)
        if (each.running) void each.broker.refresh(new AbortController().signal).catch(() => {});
      break;
    case 'kill':
    case 'vanish':
      losses.judge(world, pod, did === 'kill');
      pod.kill(did === 'kill');
      break;
    case 'stop':
      if (pod.running) await pod.stop();
      break;
    case 'cut':
    case 'heal':
      pod.partitioned = did === 'cut';
      break;
    case 'edit':
      world.cluster.edit(secretPlace, (object) => ({
        ...object,
        metadata: { ...object.metadata, labels: { at: String(world.nowMs()) } },
      }));
      break;
    case 'compact':
      world.cluster.compact();
      break;
    default:
  }
  for (const each of world.pods) {
    if (random.fraction() < 0.3) each.api.deliverLate();
    if (!each.running && random.fraction() < 0.5) await each.start();
  }
  const waits = random.below(40);
  await lasting(world, waits);
  return `${did} ${pod.name}, ${waits} s`;
}

function expectNoTwoInFlight({ flights }: TwoPods): void {
  for (const [index, flight] of flights.entries()) {
    const before = flights[index - 1];
    if (before === undefined) continue;
    // a client that is gone has given up at its deadline at the latest
    expect(flight.fromMs).toBeGreaterThanOrEqual(before.untilMs ?? before.fromMs + 15 * second);
  }
}

/** All is well again: both pods run, and nothing goes wrong any more. */
async function finale(world: TwoPods): Promise<void> {
  world.trouble = 0;
  for (const pod of world.pods) {
    pod.partitioned = false;
    if (!pod.running) await pod.start();
  }
  await lasting(world, 900);
}

async function lasting(world: TwoPods, seconds: number): Promise<void> {
  for (let passed = 0; passed < seconds; passed += 1) await world.pass(second);
}

function statesOf({ pods }: TwoPods): readonly string[] {
  return pods.map((pod) => pod.broker.status().state).toSorted();
}

const seeds = Array.from({ length: 40 }, (_, index) => index + 1);

describe('two pods with one secret', () => {
  it.each(seeds)('whatever happens: story %i', async (seed) => {
    const world = new TwoPods(seed);
    await world.begin();
    expect(world.pods[0].broker.status().state).toBe('active');
    world.trouble = seed % 3 === 0 ? 0 : 0.1;
    await world.pods[1].start();
    const losses = new Losses();
    const told: string[] = [];
    for (let count = 0; count < 25; count += 1) told.push(await step(world, losses));
    expectNoTwoInFlight(world);
    await finale(world);
    // what a pod has on its volume counts again when that pod is the holder
    const lost = world.pods.find((pod) => pod.broker.status().state === 'lost');
    if (lost !== undefined && !losses.may) {
      await lost.stop();
      await lost.start();
      await lasting(world, 60);
    }
    expectNoTwoInFlight(world);
    // a holder whose lease was taken over while it had nothing to do finds out when it has
    const well = losses.may ? /^(active|standby|lost) (active|standby|lost)$/ : /^active (active|standby)$/;
    expect(statesOf(world).join(' '), told.join('\n')).toMatch(well);
  });
});
