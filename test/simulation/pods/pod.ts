import type { Mishap } from '../../fakes/fake-server.ts';
import type { Call, Fate } from '../../fakes/kubernetes/model-api.ts';
import { refusal } from '../../fakes/kubernetes/model-api.ts';
import { MemoryDisk } from '../../fakes/memory-disk.ts';
import { LockTable } from '../../fakes/memory-locks.ts';
import type { SeededRandom } from '../../fakes/seeded-random.ts';
import { HostClock } from '../host-clock.ts';
import { PodProcess } from './pod-process.ts';
import { agentFolder, type PodView, type PodWorldView } from './pod-views.ts';

const serverMishaps: readonly [Mishap, ...Mishap[]] = [
  'unreachable',
  'lost-request',
  'bad-gateway',
  'unavailable',
  'rate-limited',
  'lost-answer',
  'stalled-answer',
  'gateway-timeout',
];

/** One pod of the StatefulSet: its node's clocks, its volume, its ways to the API server and to the log server, its process. */
export class Pod implements PodView {
  readonly world: PodWorldView;
  readonly name: string;
  readonly random: SeededRandom;
  clock: HostClock;
  rate = 1;
  /** An emptyDir: it outlives the container, not the pod. */
  volume = newVolume();
  locks = new LockTable();
  process: PodProcess | null = null;
  /** Since when the API server cannot be reached; null where it can. */
  cutOffSinceMs: number | null = null;
  /** Shares of the calls to the API server and to the log server that something happens to. */
  apiTrouble = 0;
  serverTrouble = 0;
  #lives = 0;
  readonly #processes: PodProcess[] = [];
  #nodes = 0;

  constructor(world: PodWorldView, name: string) {
    this.world = world;
    this.name = name;
    this.random = world.random.fork();
    this.clock = this.#newNode();
  }

  note(what: string, fields: Readonly<Record<string, unknown>> = {}): void {
    this.world.trace.add(this.name, what, fields);
  }

  start(): void {
    if (this.process !== null) return;
    this.#lives += 1;
    this.process = new PodProcess(this, `${this.name}_${this.#lives}`);
    this.#processes.push(this.process);
    this.note('starts', { process: this.process.name });
    this.process.start();
  }

  /** SIGKILL of the container: its volume stays. */
  kill(): void {
    const { process } = this;
    if (process === null) return;
    this.note('is killed', { process: process.name });
    process.end();
    this.process = null;
    this.locks = new LockTable();
    this.world.check('after a kill');
  }

  /** SIGTERM. */
  async stop(): Promise<void> {
    const { process } = this;
    if (process === null) return;
    this.note('is stopped', { process: process.name });
    await process.stop();
    if (this.process !== process) return;
    this.process = null;
    this.locks = new LockTable();
    this.note('has stopped', { process: process.name });
    this.world.check('after a stop');
  }

  /** The node is gone, and the pod comes back on another one, with an empty volume. */
  reschedule(): void {
    const { process } = this;
    this.note('is rescheduled');
    process?.end();
    this.process = null;
    this.locks = new LockTable();
    this.volume = newVolume();
    this.clock = this.#newNode();
    this.world.check('after a reschedule');
  }

  cutOff(): void {
    this.cutOffSinceMs ??= this.world.nowMs();
    this.process?.endStreams();
    this.note('is cut off');
  }

  reconnect(): void {
    if (this.cutOffSinceMs === null) return;
    for (const process of this.#processes) process.wasCutOff(this.cutOffSinceMs);
    this.cutOffSinceMs = null;
    this.note('is connected again');
  }

  fate({ verb, dryRun }: Call): Fate {
    const { random } = this;
    if (this.cutOffSinceMs !== null) return { kind: 'silent', sent: verb === 'update', detail: 'timeout' };
    if (this.apiTrouble === 0 || random.fraction() >= this.apiTrouble) return 'arrives';
    const fates: readonly [Fate, ...Fate[]] = [
      'lost-request',
      verb === 'update' && !dryRun ? 'late' : 'lost-request',
      'lost-answer',
      refusal(500),
      refusal(503),
      refusal(429, 1_000),
    ];
    return random.pick(fates);
  }

  /** How long a call to the API server takes one way, ms; one that gets no answer is given up after seconds. */
  apiTravelMs(): number {
    if (this.cutOffSinceMs !== null) return 1_000 + this.random.below(5_000);
    return this.random.below(this.apiTrouble > 0 ? 2_000 : 30);
  }

  serverMishap(): Mishap {
    if (this.random.fraction() >= this.serverTrouble) return 'none';
    return this.random.pick(serverMishaps);
  }

  #newNode(): HostClock {
    this.#nodes += 1;
    // far more than the clocks of real nodes differ
    this.rate = 0.99 + this.random.fraction() / 50;
    return new HostClock(`${this.name} node ${this.#nodes}`, this.world.truth, this.random.fork());
  }
}

function newVolume(): MemoryDisk {
  const volume = new MemoryDisk();
  volume.seedFolder(agentFolder);
  return volume;
}
