import type { Lease } from 'kubernetes-types/coordination/v1.js';
import type { Fingerprint } from '../../../src/domain/secret.ts';
import type { RotationPolicy } from '../../../src/emulator/vcf-logs/rotation-policy.ts';
import { FakeServer } from '../../fakes/fake-server.ts';
import { FakeCluster, type Place } from '../../fakes/kubernetes/cluster.ts';
import { ManualClock } from '../../fakes/manual-clock.ts';
import { SeededRandom } from '../../fakes/seeded-random.ts';
import { MediaReader, secretsOn, type Media, type Place as MediaPlace } from '../media.ts';
import { Trace, short } from '../trace.ts';
import type { PodProcess } from './pod-process.ts';
import {
  agent,
  agentFolder,
  at,
  secretPlace,
  podInvariants,
  type PodFlight,
  type PodInvariant,
  type PodProcessView,
  type PodWorldView,
} from './pod-views.ts';
import { Pod } from './pod.ts';

/** Two pods with one agent between them: one Kubernetes Secret, one Lease, one log server, and nodes with clocks of their own. */

const leasePlace: Place = { resource: 'leases', ...at };
const mediaPlace: MediaPlace = { agent, folder: agentFolder, keyFile: '/keys/key', rotates: true };

/** A secret that arrived at a process, whole. */
interface Received {
  readonly secret: Fingerprint;
  readonly process: PodProcessView;
  readonly atMs: number;
  /** Writes of the process that the API server had confirmed by then. */
  readonly confirmed: number;
}

export interface PodViolation {
  readonly invariant: PodInvariant;
  readonly what: string;
  readonly atMs: number;
}

export interface PodStory {
  readonly seed: number;
  readonly policy: RotationPolicy;
  readonly ttlMs: number;
  readonly hours: number;
}

export class PodWorld implements PodWorldView {
  readonly story: PodStory;
  readonly truth = new ManualClock({ bootMs: 0 });
  readonly random: SeededRandom;
  readonly cluster = new FakeCluster();
  readonly server: FakeServer;
  readonly trace: Trace;
  readonly pods: readonly Pod[];
  readonly flights: PodFlight[] = [];
  readonly violations: PodViolation[] = [];
  /** How often each thing happened that a story is there for. */
  readonly tally: Record<string, number> = {};
  /** The largest difference between two wall clocks of nodes so far, ms. */
  skewMs = 0;
  mayBeLost = false;
  #received: Received | null = null;
  readonly #reader = new MediaReader();

  constructor(story: PodStory, traced: boolean) {
    this.story = story;
    this.random = new SeededRandom(story.seed ^ 0x9_0d5);
    this.trace = new Trace(traced, () => this.nowMs());
    this.server = new FakeServer(story.policy, this.truth, this.random.fork());
    this.cluster.create(secretPlace);
    this.cluster.create(leasePlace, { spec: {} });
    this.pods = ['logs-0', 'logs-1'].map((name) => new Pod(this, name));
  }

  nowMs(): number {
    return this.truth.now().bootMs;
  }

  get processes(): readonly PodProcess[] {
    return this.pods.flatMap(({ process }) => (process === null ? [] : [process]));
  }

  /** Who says that it is at work. */
  get holder(): PodProcess | null {
    return this.processes.find(({ label }) => label !== 'standby' && label !== 'acquiring') ?? null;
  }

  /** Who has the lease, as the API server says. */
  get leaseHolder(): string | null {
    const { spec } = this.cluster.get(leasePlace) as Lease;
    return spec?.holderIdentity ?? null;
  }

  count(what: string): void {
    this.tally[what] = (this.tally[what] ?? 0) + 1;
  }

  violated(invariant: PodInvariant, what: string): void {
    this.trace.add('world', `VIOLATION of "${podInvariants[invariant]}": ${what}`);
    this.violations.push({ invariant, what, atMs: this.nowMs() });
  }

  received(process: PodProcessView, secret: Fingerprint): void {
    this.#received = { secret, process, atMs: this.nowMs(), confirmed: process.confirmedWrites };
    // Whatever was lost before, there is a secret again.
    this.mayBeLost = false;
    this.count('secrets received');
  }

  /** A secret that was spent, or that a person replaced, need not be kept any more. */
  spent(secret: Fingerprint): void {
    if (this.#received?.secret === secret) this.#received = null;
  }

  /** After a pod lost its process, its volume or both: the newest secret must be somewhere where somebody can find it. */
  check(when: string): void {
    const received = this.#received;
    if (received === null) return;
    const { secret, process } = received;
    if (process.alive || this.#isKept(secret)) return;
    this.#received = null;
    // Neither a write of the process nor, any more, its volume says anything of it.
    const unheard = process.confirmedWrites === received.confirmed && !process.hasVolume;
    const soon = process.endedAtMs - received.atMs < process.patienceMs;
    if (!unheard || !(soon || process.wasCutOffSince(received.atMs)))
      return this.violated('received-secrets-survive', `${short(secret)} is nowhere ${when}`);
    this.mayBeLost = true;
    this.count('secrets lost with a pod and its volume');
    this.trace.add('world', 'a received secret went with its pod', { secret: short(secret), when });
  }

  /** Whether the newest secret that arrived is at a pod, and not in the Secret. */
  isKeptElsewhere(): boolean {
    return this.#received !== null && !secretsOn(this.stored()).has(this.#received.secret);
  }

  #isKept(secret: Fingerprint): boolean {
    const media = [this.stored(), ...this.pods.map(({ volume }) => this.#read(volume.files()))];
    return media.some((each) => secretsOn(each).has(secret));
  }

  /** What the Secret holds. */
  stored(): Media {
    return this.#read(new Map());
  }

  /** What is in files beside the Secret, with the key that is in it. */
  #read(files: ReadonlyMap<string, Uint8Array>): Media {
    const { data = {} } = this.cluster.get(secretPlace);
    const all = new Map(files);
    for (const [key, value] of Object.entries(data)) {
      const bytes = new Uint8Array(Buffer.from(value, 'base64'));
      if (key === 'key') all.set('/keys/key', Buffer.from(`${Buffer.from(bytes).toString('base64')}\n`));
      else all.set(`${agentFolder}/${fileNames[key] ?? `${key}.sealed`}`, bytes);
    }
    return this.#reader.read(all, null, mediaPlace);
  }
}

const fileNames: Readonly<Record<string, string>> = {
  current: 'secret.sealed',
  candidate: 'candidate.sealed',
  record: 'journal.sealed',
  session: 'session.sealed',
};
