import { Secret } from '../../../src/domain/secret.ts';
import type { AgentLabel } from '../../../src/domain/status.ts';
import type { Token } from '../../../src/domain/token.ts';
import { Broker } from '../../../src/engine/broker.ts';
import { unmetered } from '../../../src/engine/unmetered.ts';
import { KubernetesJournal } from '../../../src/journal/kubernetes-journal.ts';
import { credential, fingerprintOf } from '../../../src/platform/fingerprint.ts';
import {
  createLeaseLocks,
  leaseLockPath,
  LEASE_PREFIX,
} from '../../../src/platform/kubernetes/lease-locks.ts';
import { SecretObject } from '../../../src/platform/kubernetes/secret-object.ts';
import type { Locks } from '../../../src/ports/lock.ts';
import type { Log } from '../../../src/ports/log.ts';
import { KubernetesSlots } from '../../../src/secrets/kubernetes-slots.ts';
import { SealedSecretStore } from '../../../src/secrets/sealed-secret-store.ts';
import { ModelApi, silence } from '../../fakes/kubernetes/model-api.ts';
import { ProcessLife } from '../../fakes/process-life.ts';
import type { SeededRandom } from '../../fakes/seeded-random.ts';
import { short } from '../trace.ts';
import { driftingClock } from './drifting-clock.ts';
import { podSettings, witnessedProvider } from './pod-exchanges.ts';
import {
  agent,
  agentFolder,
  at,
  exchangeDeadlineMs,
  type PodProcessView,
  type PodView,
} from './pod-views.ts';

const graceMs = 25_000;
/** As the composition root has it: the deadline of an exchange, and the time to save. */
const neededMs = exchangeDeadlineMs + 10_000;

/** One life of the container: the real engine, store, journal and lease, with a witness at every port. */
export class PodProcess implements PodProcessView {
  readonly name: string;
  /** A write that takes longer is one that the API server did not take: so long a secret may be on its way to be kept, ms. */
  readonly patienceMs = 5_000;
  /** Writes to the Secret that the API server confirmed to this process. */
  confirmedWrites = 0;
  readonly #volume: unknown;
  /** True time of its end, ms. */
  #endedAtMs: number | null = null;
  readonly #pod: PodView;
  readonly #random: SeededRandom;
  readonly #life: ProcessLife;
  readonly #api: ModelApi;
  readonly #broker: Broker;
  /** Spans of true time without the API server, ms. */
  readonly #cutOffs: { readonly fromMs: number; readonly toMs: number }[] = [];

  constructor(pod: PodView, name: string) {
    this.name = name;
    this.#pod = pod;
    this.#volume = pod.volume;
    this.#random = pod.random.fork();
    this.#life = new ProcessLife(driftingClock(pod.clock, pod.rate), pod.volume);
    this.#api = this.#newApi();
    this.#broker = this.#newBroker();
  }

  get alive(): boolean {
    return this.#life.alive && !this.#broker.ended.aborted;
  }

  get label(): AgentLabel {
    return this.#broker.status().state;
  }

  get token(): Token | null {
    return this.#broker.token();
  }

  get alerts(): readonly string[] {
    return this.#broker.status().alerts.map(({ code }) => code);
  }

  start(): void {
    void this.#broker.start();
  }

  async stop(): Promise<void> {
    await this.#broker.stop(graceMs);
    this.end();
  }

  end(): void {
    this.#life.end();
    this.endStreams();
    this.#endedAtMs ??= this.#pod.world.nowMs();
    const { world } = this.#pod;
    for (const flight of world.flights.filter(
      ({ process, endedAtMs }) => process === this && endedAtMs === null,
    )) {
      if (flight.granted === null) continue;
      // Granted, and on its way to nobody.
      flight.endedAtMs = world.nowMs();
      world.mayBeLost = true;
    }
  }

  /** SIGSTOP, or a node that sleeps. */
  get frozen(): boolean {
    return this.#pod.process === this && this.#pod.clock.asleep;
  }

  endStreams(): void {
    this.#api.endStreams(silence(true));
  }

  get hasVolume(): boolean {
    return this.#pod.volume === this.#volume;
  }

  get endedAtMs(): number {
    return this.#endedAtMs ?? this.#pod.world.nowMs();
  }

  wasCutOff(fromMs: number): void {
    this.#cutOffs.push({ fromMs, toMs: this.#pod.world.nowMs() });
  }

  /** Whether the API server could not be reached from then until the end of the process. */
  wasCutOffSince(ms: number): boolean {
    const { cutOffSinceMs, world } = this.#pod;
    const spans =
      cutOffSinceMs === null
        ? this.#cutOffs
        : [...this.#cutOffs, { fromMs: cutOffSinceMs, toMs: world.nowMs() }];
    return spans.some(({ fromMs, toMs }) => fromMs <= ms && toMs >= this.endedAtMs);
  }

  /** Resolves to the code of the refusal, or null. */
  async handOver(text: string): Promise<string | null> {
    this.note('is given a secret', { secret: short(fingerprintOf(text)) });
    const { stored, judged } = this.#broker.handOver(new Secret(text));
    judged.catch(() => {});
    return stored.then(
      () => null,
      (error: { code: string }) => error.code,
    );
  }

  refresh(): void {
    this.#broker.refresh(new AbortController().signal).catch(() => {});
  }

  note(what: string, fields: Readonly<Record<string, unknown>> = {}): void {
    this.#pod.world.trace.add(this.name, what, fields);
  }

  #newApi(): ModelApi {
    const { world } = this.#pod;
    const api = new ModelApi(world.cluster);
    api.travel = () =>
      new Promise((resolve) => {
        this.#life.clock.after(this.#pod.apiTravelMs(), resolve);
      });
    api.fate = (call) => {
      const fate = this.#pod.fate(call);
      // A request that hangs in the network arrives all the same, whoever still waits for it.
      if (fate === 'late') world.truth.after(this.#random.below(20_000), () => api.deliverLate());
      if (fate !== 'arrives') world.count(`api call: ${typeof fate === 'string' ? fate : fate.kind}`);
      return fate;
    };
    const put = api.putSecret.bind(api);
    api.putSecret = async (...args) => {
      const answer = await put(...args);
      if (answer.kind === 'object' && !args[2].dryRun) this.confirmedWrites += 1;
      return answer;
    };
    return api;
  }

  #newBroker(): Broker {
    const { world } = this.#pod;
    const { clock, disk } = this.#life;
    const random = this.#random;
    const log = this.#log();
    const object = new SecretObject({ api: this.#api, at, clock, random, writer: this.name });
    const keepAside = async (_sealed: Uint8Array, generation: number) => {
      world.count('secrets kept aside');
      this.note('keeps aside', { generation });
      return `${agentFolder}/set-aside`;
    };
    return new Broker(podSettings(world.story.ttlMs), {
      clock,
      random,
      log,
      locks: this.#locks(),
      lockPaths: [`${agentFolder}/lock`, leaseLockPath(at)],
      store: new SealedSecretStore(agent, new KubernetesSlots({ object, keepAside }), random),
      journal: new KubernetesJournal({ object, clock, disk, random, folder: agentFolder, agent, log }),
      provider: witnessedProvider(this, this.#pod, this.#life.clock),
      identity: async () => `kubernetes:${(await object.read(new AbortController().signal)).uid}`,
      credential,
      publish: ({ sequence, generation }) => this.note('publishes', { sequence, generation }),
      withdraw: (sequence) => this.note('withdraws', { sequence }),
      alerts: () => {},
      meter: unmetered,
    });
  }

  #locks(): Locks {
    const files = this.#pod.locks.process(1);
    const leases = createLeaseLocks({
      api: this.#api,
      clock: this.#life.clock,
      holder: this.name,
      neededMs,
    });
    return { tryAcquire: (path) => (path.startsWith(LEASE_PREFIX) ? leases : files).tryAcquire(path) };
  }

  #log(): Log {
    const { world } = this.#pod;
    const say = (event: string, fields: Readonly<Record<string, unknown>> = {}) => {
      const { error, ...rest } = fields;
      this.note(event, error instanceof Error ? { ...rest, error: error.message } : rest);
      if (event === 'superseded' || event === 'lease-lost') world.count(event);
      if (event === 'effect-failed')
        world.violated(
          'no-failure-of-our-own',
          error instanceof Error ? (error.stack ?? error.message) : event,
        );
    };
    const log: Log = { debug: say, info: say, warn: say, error: say, child: () => log };
    return log;
  }
}
