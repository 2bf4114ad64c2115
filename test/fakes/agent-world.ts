import type { AgentSettings } from '../../src/domain/agent-state.ts';
import { Secret } from '../../src/domain/secret.ts';
import type { AlertStatus } from '../../src/domain/status.ts';
import type { Token } from '../../src/domain/token.ts';
import type { RotationPolicy } from '../../src/emulator/vcf-logs/rotation-policy.ts';
import { Broker } from '../../src/engine/broker.ts';
import { unmetered } from '../../src/engine/unmetered.ts';
import { FileJournal } from '../../src/journal/file-journal.ts';
import { createMemoryJournal } from '../../src/journal/memory-journal.ts';
import { credential } from '../../src/platform/fingerprint.ts';
import { secretStoreOpener } from '../../src/secrets/registry.ts';
import { FakeServer } from './fake-server.ts';
import { ManualClock } from './manual-clock.ts';
import { MemoryDisk } from './memory-disk.ts';
import { LockTable } from './memory-locks.ts';
import { MemoryLog } from './memory-log.ts';
import { ProcessLife } from './process-life.ts';
import { RotationCounts } from './rotation-counts.ts';
import { SeededRandom } from './seeded-random.ts';
import { usualSettings } from './usual-settings.ts';

const firstAgent = 'web-01';

export interface WorldOptions {
  readonly seed?: number;
  readonly policy?: RotationPolicy;
  readonly settings?: Partial<AgentSettings>;
  /** What is on the host already. */
  readonly disk?: MemoryDisk;
  readonly clock?: ManualClock;
}

/** One host with one agent and its server, all in memory: the real engine, journal and file store on a clock moved by hand. */
export class AgentWorld {
  readonly clock: ManualClock;
  readonly random: SeededRandom;
  readonly server: FakeServer;
  readonly log = new MemoryLog();
  readonly locks = new LockTable();
  settings: AgentSettings;
  disk: MemoryDisk;
  identity = 'host:one';
  /** The process at work. */
  life: ProcessLife;
  broker: Broker;
  alerts: readonly AlertStatus[] = [];
  /** Of the first agent, through all its processes. */
  readonly counts = new RotationCounts();
  readonly published: Token[] = [];
  /** Numbers of tokens that were taken back. */
  readonly withdrawn: number[] = [];
  /** Called with each published token, before anything else happens. */
  onPublish: (token: Token) => void = () => {};
  /** Called after each step that changed the disk. */
  onDiskChange: () => void = () => {};
  #pid = 100;

  constructor({ seed = 1, policy = 'strict', settings = {}, disk, clock }: WorldOptions = {}) {
    this.clock = clock ?? new ManualClock();
    this.random = new SeededRandom(seed);
    this.server = new FakeServer(policy, this.clock, this.random);
    this.settings = { ...usualSettings, ...settings };
    this.disk = disk ?? emptyDisk();
    this.life = this.#newLife();
    this.broker = this.assemble();
  }

  /** An agent with a token of generation 1. */
  static async begun(options: WorldOptions = {}): Promise<AgentWorld> {
    const world = new AgentWorld(options);
    await world.start();
    await world.handOver();
    await world.clock.elapse(1);
    return world;
  }

  /** Starts the daemon and lets it do what it can do at once. */
  async start(): Promise<void> {
    void this.broker.start();
    await this.clock.elapse(0);
  }

  /** The process dies without a word; what it wrote stays. The next {@link start} is another process. */
  kill(): void {
    this.life.end();
    this.locks.kill(this.#pid);
    this.#pid += 1;
    this.life = this.#newLife();
    this.broker = this.assemble();
  }

  /** The host loses power: everything that was not synced is gone, or what `choose` says (`MemoryDisk.crash`). */
  powerCut(choose: (options: number) => number = () => 0): void {
    this.disk = this.disk.crash(choose);
    this.kill();
    this.clock.reboot(1_000);
  }

  async restart(): Promise<void> {
    this.kill();
    await this.start();
  }

  /** Hands over a secret that the server knows (or the given one) and waits until it is stored. */
  async handOver(text = this.server.create(firstAgent)): Promise<void> {
    const { stored } = this.broker.handOver(new Secret(text));
    await this.clock.elapse(0);
    await stored;
  }

  /** Forces a refresh; resolves to the code of the refusal, or null. */
  async refresh(): Promise<string | null> {
    const ended = codeOf(this.broker.refresh(new AbortController().signal));
    await this.clock.elapse(0);
    return ended;
  }

  #newLife(): ProcessLife {
    return new ProcessLife(this.clock, this.disk, () => this.onDiskChange());
  }

  /** The broker of an agent of this host in a process of its own life; by default the agent and the process at work. */
  assemble({ agent = firstAgent, pid = this.#pid, life = this.life } = {}): Broker {
    const { random, log } = this;
    const { clock, disk } = life;
    const folder = folderOf(agent);
    const host = { uid: 0, env: {}, keychainProgram: { execPath: '', script: '' }, disk, random, clock };
    const settings = { ...this.settings, agent };
    const inMemory = settings.store === 'memory';
    const key = { kind: 'key-file', path: '/keys/key' } as const;
    const config = inMemory ? ({ store: 'memory' } as const) : ({ store: 'file', key } as const);
    return new Broker(settings, {
      clock,
      random,
      log,
      locks: this.locks.process(pid),
      lockPaths: [`${folder}/lock`, `/run/lock/${agent}`],
      store: secretStoreOpener(host)(config, { agent, folder }),
      journal: inMemory ? createMemoryJournal() : new FileJournal({ disk, random, folder, agent }),
      provider: this.server.provider(settings),
      identity: async () => this.identity,
      credential,
      publish: (token) => {
        this.published.push(token);
        this.onPublish(token);
      },
      withdraw: (sequence) => void this.withdrawn.push(sequence),
      alerts: (alerts) => {
        if (agent === firstAgent && life === this.life) this.alerts = alerts;
      },
      meter: agent === firstAgent ? this.counts : unmetered,
    });
  }
}

/** The code that a promise is rejected with; null where it resolves. */
export function codeOf(ended: Promise<unknown>): Promise<string | null> {
  return ended.then(
    () => null,
    (error: { code: string }) => error.code,
  );
}

export function folderOf(agent = firstAgent): string {
  return `/state/agents/${agent}`;
}

function emptyDisk(): MemoryDisk {
  const disk = new MemoryDisk();
  for (const folder of ['/keys', folderOf(), folderOf('web-02')]) disk.seedFolder(folder);
  return disk;
}
