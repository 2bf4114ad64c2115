import type { AgentSettings } from '../../../src/domain/agent-state.ts';
import { Secret } from '../../../src/domain/secret.ts';
import { Broker } from '../../../src/engine/broker.ts';
import { unmetered } from '../../../src/engine/unmetered.ts';
import { KubernetesJournal } from '../../../src/journal/kubernetes-journal.ts';
import { credential } from '../../../src/platform/fingerprint.ts';
import {
  createLeaseLocks,
  leaseLockPath,
  LEASE_PREFIX,
} from '../../../src/platform/kubernetes/lease-locks.ts';
import { SecretObject } from '../../../src/platform/kubernetes/secret-object.ts';
import type { Clock } from '../../../src/ports/clock.ts';
import type { Provider } from '../../../src/ports/provider.ts';
import { kubernetesStore } from '../../../src/secrets/registry.ts';
import { FakeServer } from '../fake-server.ts';
import { ManualClock } from '../manual-clock.ts';
import type { MemoryDisk } from '../memory-disk.ts';
import { LockTable } from '../memory-locks.ts';
import { MemoryLog } from '../memory-log.ts';
import { ProcessLife } from '../process-life.ts';
import { SeededRandom } from '../seeded-random.ts';
import { FakeCluster, type Place } from './cluster.ts';
import { type Fate, ModelApi, refusal, silence } from './model-api.ts';
import { nodeClock } from './node-clock.ts';
import { agent, at, folder, newVolume, secretPlace } from './pods.ts';

/** Two pods of one agent on two nodes, in memory: the real engine, store, journal and lease, on clocks that do not agree. */

const leasePlace: Place = { resource: 'leases', ...at };

/** Milliseconds for the deadline of an exchange. */
const deadlineMs = 15_000;

const settings: AgentSettings = {
  agent,
  provider: 'vcf-logs',
  store: 'kubernetes',
  rotates: true,
  exchange: true,
  creates: true,
  tokensRevocable: false,
  probeEveryMs: null,
  expiresAtMs: null,
  inDoubt: 'replay_once',
  ttlMs: 30 * 60_000,
  refresh: { at: 0.75, jitter: 0.1 },
  maxExchangesPerMinute: 6000,
  exchangeDeadlineMs: deadlineMs,
  origin: 'https://logs.example.com',
  exchanges: true,
};

/** One exchange as the world sees it, in milliseconds of its own clock. */
export interface Flight {
  readonly pod: string;
  readonly fromMs: number;
  /** When its client had the answer or gave up; null while it waits, and for ever where the client is gone. */
  untilMs: number | null;
  received: boolean;
  granted: boolean;
}

export class TwoPods {
  readonly truth = new ManualClock();
  readonly random: SeededRandom;
  readonly cluster = new FakeCluster();
  readonly server: FakeServer;
  readonly flights: Flight[] = [];
  readonly pods: readonly [Pod, Pod];
  /** The share of calls to the API server that go wrong. */
  trouble = 0;

  constructor(seed: number) {
    this.random = new SeededRandom(seed);
    this.server = new FakeServer('strict', this.truth, this.random);
    this.cluster.create(secretPlace);
    this.cluster.create(leasePlace);
    this.pods = [new Pod(this, 'pod-a', 0, 1), new Pod(this, 'pod-b', 120_000, 1.02)];
  }

  nowMs(): number {
    return this.truth.now().bootMs;
  }

  async pass(ms: number): Promise<void> {
    await this.truth.elapse(ms);
  }

  /** Hands over a secret that the server knows, to the pod that is at work. */
  async begin(): Promise<void> {
    await this.pods[0].start();
    await this.pass(2_000);
    void this.pods[0].broker.handOver(new Secret(this.server.create(agent))).judged.catch(() => {});
    for (let passed = 0; passed < 30; passed += 1) await this.pass(1_000);
  }
}

export class Pod {
  readonly name: string;
  readonly #world: TwoPods;
  readonly #node: Clock;
  #life: ProcessLife;
  #volume: MemoryDisk = newVolume();
  #locks = new LockTable();
  #starts = 0;
  api: ModelApi;
  broker: Broker;
  /** No way to the API server. */
  partitioned = false;
  running = false;
  readonly log = new MemoryLog();

  constructor(world: TwoPods, name: string, skewMs: number, rate: number) {
    this.#world = world;
    this.name = name;
    this.#node = nodeClock(world.truth, name, skewMs, rate);
    this.#life = new ProcessLife(this.#node, this.#volume);
    this.api = new ModelApi(world.cluster);
    this.broker = this.#assemble();
  }

  async start(): Promise<void> {
    this.running = true;
    void this.broker.start();
    await this.#world.pass(0);
  }

  /** SIGKILL; another process, on the same volume or a new one, is ready to {@link Pod.start}. */
  kill(keepsVolume: boolean): void {
    this.#life.end();
    this.api.endStreams();
    this.#renew(keepsVolume);
  }

  /** SIGTERM. */
  async stop(): Promise<void> {
    const stopped = this.broker.stop(25_000);
    for (let second = 0; second < 60; second += 1) await this.#world.pass(1_000);
    // what is not saved by then is lost with the process, as by the unit's or the kubelet's SIGKILL
    void stopped;
    this.kill(true);
  }

  #renew(keepsVolume: boolean): void {
    this.running = false;
    if (!keepsVolume) this.#volume = newVolume();
    this.#locks = new LockTable();
    this.#life = new ProcessLife(this.#node, this.#volume);
    this.api = new ModelApi(this.#world.cluster);
    this.broker = this.#assemble();
  }

  #assemble(): Broker {
    this.#starts += 1;
    const { random } = this.#world;
    const { clock, disk } = this.#life;
    const writer = `${this.name}_${this.#starts}`;
    const api = this.#connected(this.api);
    const object = new SecretObject({ api, at, clock, random, writer });
    const { log } = this;
    const journal = new KubernetesJournal({ object, log, clock, disk, random, folder, agent });
    const files = this.#locks.process(this.#starts);
    const leases = createLeaseLocks({
      api,
      clock,
      holder: writer,
      neededMs: deadlineMs + 10_000,
    });
    const identity = async () => `secret:${(await object.read(new AbortController().signal)).uid}`;
    return new Broker(settings, {
      clock,
      random,
      log,
      locks: { tryAcquire: (path) => (path.startsWith(LEASE_PREFIX) ? leases : files).tryAcquire(path) },
      lockPaths: [`${folder}/lock`, leaseLockPath(at)],
      store: kubernetesStore(agent, { object, keepAside: async () => folder }, random),
      journal,
      provider: this.#watched(this.#world.server.provider(), this.#life),
      identity,
      credential,
      publish() {},
      withdraw() {},
      alerts() {},
      meter: unmetered,
    });
  }

  /** The way to the API server: it takes time, calls go wrong, and a process that is gone hears nothing any more. */
  #connected(api: ModelApi): ModelApi {
    const life = this.#life;
    const world = this.#world;
    api.travel = async () => {
      await new Promise<void>((resolve) => void world.truth.after(1 + world.random.below(200), resolve));
      if (!life.alive) await new Promise(() => {});
    };
    api.fate = () => this.#fate();
    return api;
  }

  #fate(): Fate {
    const { random, trouble } = this.#world;
    if (this.partitioned) return random.pick<Fate>(['lost-request', silence(false)]);
    if (random.fraction() >= trouble) return 'arrives';
    return random.pick<Fate>([
      'lost-request',
      'lost-answer',
      'late',
      refusal(503),
      refusal(429, 1_000),
      silence(false),
    ]);
  }

  /** The provider, with each exchange written down. */
  #watched(provider: Provider, life: ProcessLife): Provider {
    const world = this.#world;
    return {
      ...provider,
      connect: async (signal) => {
        const connected = await provider.connect(signal);
        if ('kind' in connected) return connected;
        return {
          ...connected,
          exchange: async (...call) => {
            const flight: Flight = {
              pod: this.name,
              fromMs: world.nowMs(),
              untilMs: null,
              received: false,
              granted: false,
            };
            world.flights.push(flight);
            await new Promise<void>(
              (resolve) => void world.truth.after(1 + world.random.below(14_000), resolve),
            );
            const answer = await connected.exchange(...call);
            if (!life.alive) return new Promise(() => {});
            flight.untilMs = world.nowMs();
            flight.received = true;
            flight.granted = answer.kind === 'http' && answer.status === 200;
            return answer;
          },
        };
      },
    };
  }
}
