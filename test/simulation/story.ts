import { rotationPolicies, type RotationPolicy } from '../../src/emulator/vcf-logs/rotation-policy.ts';
import { SeededRandom } from '../fakes/seeded-random.ts';
import { hostFaultKinds, type FaultKind } from './fault-kinds.ts';
import type { Happening } from './happening.ts';
import type { Product } from './product.ts';
import { drawRevocations } from './revocation-story.ts';

/** What one seed is about: the server's policy, the hosts, and what befalls them when. Everything else follows from it. */
export interface Story {
  readonly seed: number;
  readonly days: number;
  readonly product: Product;
  readonly policy: RotationPolicy;
  /** Counts under `grace` only. */
  readonly graceMs: number;
  readonly store: 'file' | 'keychain' | 'memory';
  /** How many of its last writes the keychain loses at a power cut. */
  readonly atRisk: number;
  readonly inDoubt: 'replay_once' | 'halt';
  readonly ttlMs: number;
  readonly perMinute: number;
  readonly hosts: number;
  readonly agentsPerHost: number;
  /** Nothing but outages of the server, none of which can cost a secret. */
  readonly outageAlone: boolean;
  /** Whether tokens and credentials die before their time, or somebody says so. */
  readonly revocations: boolean;
  /** In the order of time. */
  readonly happenings: readonly Happening[];
}

/** What a caller may fix; the seed draws the rest. */
export interface StoryOptions {
  readonly days: number;
  readonly policy?: RotationPolicy;
  readonly store?: Story['store'];
}

/** How many hosts, and how many agents on each. */
const smallSites: readonly [Size, ...Size[]] = [
  [1, 1],
  [1, 1],
  [1, 1],
  [2, 1],
  [1, 2],
];
const fleets: readonly [Size, ...Size[]] = [
  [10, 1],
  [5, 2],
  [2, 5],
];
type Size = readonly [hosts: number, agentsPerHost: number];

const minute = 60_000;
const hour = 60 * minute;
const day = 24 * hour;

export function storyOf(seed: number, options: StoryOptions): Story {
  const random = new SeededRandom(seed);
  const fleet = random.below(40) === 0;
  const store = options.store ?? random.pick(['file', 'file', 'file', 'keychain', 'keychain', 'memory']);
  const { product, drawn } = drawRevocations(seed, options, fleet);
  const anyPolicy = options.policy ?? random.pick(rotationPolicies);
  // A secret that does not rotate may be shown again and again.
  const policy = product.kind === 'rotating' ? anyPolicy : 'reusable';
  const [hosts, agentsPerHost] = random.pick(fleet ? fleets : smallSites);
  const setting = {
    seed,
    days: options.days,
    product,
    policy,
    graceMs: random.pick([minute, 10 * minute, 12 * hour]),
    store,
    atRisk: random.pick([1, 1, 2, 3]),
    inDoubt: !fleet && random.below(8) === 0 ? ('halt' as const) : ('replay_once' as const),
    ttlMs: random.pick(fleet ? fleetLives : lives) * calmOf(options),
    perMinute: random.pick([6, 6, 6, 1, 30]),
    hosts,
    agentsPerHost,
    outageAlone: fleet,
  };
  const others = fleet ? outages(setting, random) : troubles(setting, random);
  const revocations = drawn({ store, hosts });
  const happenings = [...others, ...revocations].toSorted((a, b) => a.atMs - b.atMs);
  return { ...setting, revocations: revocations.length > 0, happenings };
}

/** Outages after which the server surely did not commit, or which no policy that forgives a replay can make costly. */
const harmlessOutages = [
  'lost-requests',
  'no-way-to-server',
  'server-errors',
  'rate-limit',
  'bad-gateway-for-hours',
  'firewall-pages',
] as const satisfies readonly FaultKind[];
const forgivenOutages = [
  ...harmlessOutages,
  'lost-answers',
  'mixed-weather',
] as const satisfies readonly FaultKind[];

function outages({ days, policy }: Pick<Story, 'days' | 'policy'>, random: SeededRandom): Happening[] {
  const forgiving = policy === 'until-first-use' || policy === 'reusable';
  const found: Happening[] = [];
  for (let today = 0; today < days; today += 1) {
    for (let number = 0; number <= random.below(2); number += 1) {
      const fault = random.pick(forgiving ? forgivenOutages : harmlessOutages);
      found.push({ atMs: today * day + random.below(20 * hour), host: 0, fault });
    }
  }
  return found.toSorted((a, b) => a.atMs - b.atMs);
}

/** A story of several days is calmer than that of a single one: tokens live longer by this factor, and troubles are rarer. */
function calmOf({ days }: Pick<Story, 'days'>): number {
  return days > 1 ? 3 : 1;
}

/** Milliseconds that tokens live. Short lives cost time to tell, and few of them show all there is. */
const lives: readonly [number, ...number[]] = [
  hour / 2,
  hour,
  2 * hour,
  2 * hour,
  4 * hour,
  4 * hour,
  8 * hour,
  8 * hour,
  12 * hour,
  day,
];
const fleetLives: readonly [number, ...number[]] = [4 * hour, 8 * hour, 12 * hour];

/** How often a fault is drawn against the others; most are 4. */
const weights: Readonly<Partial<Record<FaultKind, number>>> = {
  'forced-refresh': 8,
  'right-secret': 6,
  'crash-loop': 1,
  'machine-cloned': 1,
  'backup-restored': 2,
  'store-restored': 2,
  'second-state-folder': 2,
  'bad-gateway-for-hours': 2,
  revocation: 3,
};

/** What can happen at all to an agent with this store. */
function drawnWith(store: Story['store']): readonly [FaultKind, ...FaultKind[]] {
  const possible = hostFaultKinds.filter((kind) => {
    if (kind.startsWith('keychain-') || kind === 'second-state-folder') return store === 'keychain';
    return store !== 'memory' || !onDisk.has(kind);
  });
  return ['kill', ...possible.flatMap((kind) => Array<FaultKind>(weights[kind] ?? 4).fill(kind))];
}

/** Of no account to an agent that keeps nothing on a disk. */
const onDisk: ReadonlySet<FaultKind> = new Set<FaultKind>([
  'disk-full',
  'disk-nearly-full',
  'disk-read-only',
  'disk-errors',
  'disk-slow',
  'token-rejected',
  'backup-restored',
  'store-restored',
  'machine-cloned',
]);

/** Calm and busy days: from a few troubles to about one an hour. */
function troubles(
  { days, hosts, store }: Pick<Story, 'days' | 'hosts' | 'store'>,
  random: SeededRandom,
): Happening[] {
  const perDay = random.pick([2, 4, 8, 8, 20]);
  const drawn = drawnWith(store);
  const found = Array.from({ length: Math.max(1, Math.round((perDay * days) / calmOf({ days }))) }, () => ({
    atMs: random.below(days * day),
    host: random.below(hosts),
    fault: random.pick(drawn),
  }));
  return found.toSorted((a, b) => a.atMs - b.atMs);
}
