import type { Fingerprint } from '../../../src/domain/secret.ts';
import type { AgentLabel } from '../../../src/domain/status.ts';
import type { Token } from '../../../src/domain/token.ts';
import type { Mishap } from '../../fakes/fake-server.ts';
import type { FakeServer } from '../../fakes/fake-server.ts';
import type { FakeCluster, Place } from '../../fakes/kubernetes/cluster.ts';
import type { Call, Fate } from '../../fakes/kubernetes/model-api.ts';
import type { ManualClock } from '../../fakes/manual-clock.ts';
import type { MemoryDisk } from '../../fakes/memory-disk.ts';
import type { LockTable } from '../../fakes/memory-locks.ts';
import type { SeededRandom } from '../../fakes/seeded-random.ts';
import type { HostClock } from '../host-clock.ts';
import type { Trace } from '../trace.ts';

/** What the parts of a story of two pods know of each other. */

export const agent = 'web-01';
export const at = { namespace: 'logs', name: agent };
export const secretPlace: Place = { resource: 'secrets', ...at };
export const agentFolder = `/state/agents/${agent}`;
export const exchangeDeadlineMs = 15_000;

export interface PodFlight {
  readonly process: PodProcessView;
  readonly secret: Fingerprint;
  readonly sentAtMs: number;
  /** True time at which it cannot matter any more: the client has its answer, gave up, or is gone and the server has decided. */
  endedAtMs: number | null;
  /** The secret that the server gave for it. */
  granted: Fingerprint | null;
}

export const podInvariants = {
  'one-exchange-at-a-time': 'never two exchanges in flight for one secret',
  'received-secrets-survive':
    'a received secret is lost only where the API server could not be reached from its receipt to the end of the pod, and its volume is gone',
  'lost-is-told-as-lost': 'what was lost is told as lost in flight, not as revoked',
  'nobody-is-blocked': 'no conflict between two pods ever needs a person',
  'no-expired-token-served': 'no token is served after its end, but for the difference of the clocks',
  'standbys-serve': 'when all is well, every pod serves the newest token',
  'leads-back-to-active': 'when all is well, one pod is active and the others stand by',
  'no-failure-of-our-own': 'the engine itself never fails',
} as const;

export type PodInvariant = keyof typeof podInvariants;

export interface PodWorldView {
  readonly truth: ManualClock;
  readonly cluster: FakeCluster;
  readonly server: FakeServer;
  readonly trace: Trace;
  readonly random: SeededRandom;
  readonly story: { readonly ttlMs: number };
  readonly flights: PodFlight[];
  /** An answer never arrived, or one that did went with the pod and its volume before anybody could be told: `lost` is true. */
  mayBeLost: boolean;
  nowMs(): number;
  count(what: string): void;
  violated(invariant: PodInvariant, what: string): void;
  received(process: PodProcessView, secret: Fingerprint): void;
  spent(secret: Fingerprint): void;
  check(when: string): void;
}

export interface PodView {
  readonly world: PodWorldView;
  readonly name: string;
  readonly random: SeededRandom;
  readonly clock: HostClock;
  /** How fast the boot clock of its node runs, 1 = as it should. */
  readonly rate: number;
  readonly volume: MemoryDisk;
  readonly locks: LockTable;
  readonly process: PodProcessView | null;
  readonly cutOffSinceMs: number | null;
  note(what: string, fields?: Readonly<Record<string, unknown>>): void;
  fate(call: Call): Fate;
  apiTravelMs(): number;
  serverMishap(): Mishap;
}

export interface PodProcessView {
  readonly name: string;
  readonly alive: boolean;
  readonly frozen: boolean;
  readonly label: AgentLabel;
  readonly token: Token | null;
  readonly confirmedWrites: number;
  readonly hasVolume: boolean;
  /** True time, ms; now where it still runs. */
  readonly endedAtMs: number;
  readonly patienceMs: number;
  wasCutOffSince(ms: number): boolean;
  note(what: string, fields?: Readonly<Record<string, unknown>>): void;
}
