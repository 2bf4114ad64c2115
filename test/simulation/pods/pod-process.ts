import type { AgentSettings } from '../../../src/domain/agent-state.ts';
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
import type { Provider } from '../../../src/ports/provider.ts';
import { KubernetesSlots } from '../../../src/secrets/kubernetes-slots.ts';
import { SealedSecretStore } from '../../../src/secrets/sealed-secret-store.ts';
import type { Route } from '../../fakes/fake-server.ts';
import { ModelApi, silence } from '../../fakes/kubernetes/model-api.ts';
import { ProcessLife } from '../../fakes/process-life.ts';
import type { SeededRandom } from '../../fakes/seeded-random.ts';
import { short } from '../trace.ts';
import { agent, agentFolder, at, type PodFlight } from './pod-world.ts';
import type { Pod } from './pod.ts';

const exchangeDeadlineMs = 15_000;
const graceMs = 25_000;
/** As the composition root has it: the deadline of an exchange, and the time to save. */
const neededMs = exchangeDeadlineMs + 10_000;

/** One life of the container: the real engine, store, journal and lease, with a witness at every port. */
export class PodProcess {
  readonly name: string;
  /** A write that takes longer is one that the API server did not take: so long a secret may be on its way to be kept, ms. */
  readonly patienceMs = 5_000;
  /** Writes to the Secret that the API server confirmed to this process. */
  confirmedWrites = 0;
  hasVolume = true;
  readonly #pod: Pod;
  readonly #random: SeededRandom;
  readonly #life: ProcessLife;
  readonly #api: ModelApi;
  readonly #broker: Broker;
  /** Spans of true time without the API server, ms. */
  readonly #cutOffs: { readonly fromMs: number; readonly toMs: number }[] = [];

  constructor(pod: Pod, name: string) {
    this.name = name;
    this.#pod = pod;
    this.#random = pod.random.fork();
    this.#life = new ProcessLife(pod.clock, pod.volume);
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

  loseVolume(): void {
    this.hasVolume = false;
  }

  wasCutOff(fromMs: number): void {
    this.#cutOffs.push({ fromMs, toMs: this.#pod.world.nowMs() });
  }

  /** Whether the API server could not be reached from then until now. */
  wasCutOffSince(ms: number): boolean {
    const { cutOffSinceMs, world } = this.#pod;
    const spans =
      cutOffSinceMs === null
        ? this.#cutOffs
        : [...this.#cutOffs, { fromMs: cutOffSinceMs, toMs: world.nowMs() }];
    return spans.some(({ fromMs, toMs }) => fromMs <= ms && toMs >= world.nowMs());
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
    const { putSecret } = api;
    api.putSecret = async (...args) => {
      const answer = await putSecret.apply(api, args);
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
    return new Broker(settingsOf(world.story.ttlMs), {
      clock,
      random,
      log,
      locks: this.#locks(),
      lockPaths: [`${agentFolder}/lock`, leaseLockPath(at)],
      store: new SealedSecretStore(agent, new KubernetesSlots({ object, keepAside }), random),
      journal: new KubernetesJournal({ object, clock, disk, random, folder: agentFolder, agent, log }),
      provider: this.#provider(),
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

  #provider(): Provider {
    const { world } = this.#pod;
    const provider = world.server.provider({ route: this.#route() });
    return {
      ...provider,
      connect: async (signal) => {
        const connection = await provider.connect(signal);
        if ('kind' in connection) return connection;
        return {
          ...connection,
          exchange: async (secret, ttlMs, exchangeSignal) => {
            const flight = this.#sends(fingerprintOf(secret.reveal()));
            const answer = await connection.exchange(secret, ttlMs, exchangeSignal);
            flight.endedAtMs ??= world.nowMs();
            this.note('gets', {
              answer: answer.kind,
              status: answer.kind === 'http' ? answer.status : undefined,
            });
            const whole = answer.kind === 'http' && answer.complete && answer.status === 200;
            if (flight.granted !== null && whole && this.alive) world.received(this, flight.granted);
            else if (flight.granted !== null) world.mayBeLost = true;
            return answer;
          },
        };
      },
    };
  }

  #sends(secret: PodFlight['secret']): PodFlight {
    const { world } = this.#pod;
    const nowMs = world.nowMs();
    const other = world.flights.find(
      (flight) => flight.endedAtMs === null && flight.secret === secret && !isOver(flight, nowMs),
    );
    world.count('exchanges');
    this.note('sends', { secret: short(secret) });
    if (other !== undefined)
      world.violated(
        'one-exchange-at-a-time',
        `${other.process.name} and ${this.name} both send ${short(secret)}`,
      );
    const flight: PodFlight = { process: this, secret, sentAtMs: nowMs, endedAtMs: null, granted: null };
    world.flights.push(flight);
    return flight;
  }

  #route(): Route {
    const { world } = this.#pod;
    const pod = this.#pod;
    return {
      mishap: () => pod.serverMishap(),
      travel: () => ({ requestMs: pod.random.below(4_000), answerMs: pod.random.below(6_000) }),
      clock: this.#life.clock,
      decided: (decision) => {
        const flight = world.flights.findLast((each) => each.process === this && each.endedAtMs === null);
        world.trace.add('server', decision.kind, {
          to: this.name,
          new: decision.kind === 'granted' ? short(fingerprintOf(decision.newSecret)) : undefined,
        });
        if (decision.kind !== 'granted') return;
        if (flight !== undefined) {
          flight.granted = fingerprintOf(decision.newSecret);
          world.spent(flight.secret);
          if (!this.alive) flight.endedAtMs = world.nowMs();
        }
        // Whoever gave up, or is gone, never hears of it.
        if (flight === undefined || !this.alive) world.mayBeLost = true;
      },
    };
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

/** Of a client that is gone, or that sleeps and cannot know: longer than its deadline nothing of it is on its way. */
function isOver({ process, sentAtMs }: PodFlight, nowMs: number): boolean {
  return (!process.alive || process.frozen) && nowMs - sentAtMs > exchangeDeadlineMs;
}

function settingsOf(ttlMs: number): AgentSettings {
  return {
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
    ttlMs,
    refresh: { at: 0.75, jitter: 0.1 },
    maxExchangesPerMinute: 6,
    exchangeDeadlineMs,
    origin: 'https://logs.example.com',
    exchanges: true,
  };
}
