import type { AgentSettings } from '../../src/domain/agent-state.ts';
import { Secret } from '../../src/domain/secret.ts';
import type { AlertStatus } from '../../src/domain/status.ts';
import type { Token } from '../../src/domain/token.ts';
import type { RotationPolicy } from '../../src/emulator/vcf-logs/rotation-policy.ts';
import type { AgentParts } from '../../src/engine/agent-parts.ts';
import { Broker } from '../../src/engine/broker.ts';
import { FileJournal } from '../../src/journal/file-journal.ts';
import { credential } from '../../src/platform/fingerprint.ts';
import { secretStoreOpener } from '../../src/secrets/registry.ts';
import { FakeServer } from './fake-server.ts';
import { ManualClock } from './manual-clock.ts';
import { MemoryDisk } from './memory-disk.ts';
import { LockTable } from './memory-locks.ts';
import { MemoryLog } from './memory-log.ts';
import { SeededRandom } from './seeded-random.ts';

const agent = 'web-01';
const folder = `/state/agents/${agent}`;

export interface WorldOptions {
  readonly seed?: number;
  readonly policy?: RotationPolicy;
  readonly settings?: Partial<AgentSettings>;
}

/** One host with one agent and its server, all in memory: the real engine, journal and file store on a clock moved by hand. */
export class AgentWorld {
  readonly clock = new ManualClock();
  readonly random: SeededRandom;
  readonly server: FakeServer;
  readonly log = new MemoryLog();
  readonly locks = new LockTable();
  readonly settings: AgentSettings;
  disk = new MemoryDisk();
  identity = 'host:one';
  broker: Broker;
  alerts: readonly AlertStatus[] = [];
  readonly published: Token[] = [];
  #pid = 100;

  constructor({ seed = 1, policy = 'strict', settings = {} }: WorldOptions = {}) {
    this.random = new SeededRandom(seed);
    this.server = new FakeServer(policy, this.clock, this.random);
    this.settings = { ...defaults, ...settings };
    this.disk.seedFolder('/state');
    this.disk.seedFolder('/keys');
    this.disk.seedFolder(folder);
    this.broker = this.#assemble();
  }

  /** Starts the daemon and lets it do what it can do at once. */
  async start(): Promise<void> {
    const started = this.broker.start();
    await this.clock.elapse(0);
    await started;
    await this.clock.elapse(0);
  }

  /** The process dies without a word; what it wrote stays. The next {@link start} is another process. */
  kill(): void {
    this.locks.kill(this.#pid);
    this.broker = this.#assemble();
  }

  /** Hands over a secret that the server knows (or the given one) and waits until it is stored. */
  async handOver(text = this.server.create(agent)): Promise<void> {
    const { stored } = this.broker.handOver(new Secret(text));
    await this.clock.elapse(0);
    await stored;
  }

  /** Forces a refresh; resolves to the code of the refusal, or null. */
  async refresh(): Promise<string | null> {
    const ended = this.broker.refresh(new AbortController().signal).then(
      () => null,
      (error: { code: string }) => error.code,
    );
    await this.clock.elapse(0);
    return ended;
  }

  #assemble(): Broker {
    this.#pid += 1;
    const { clock, random, disk, log } = this;
    const keychainProgram = { execPath: '', script: '' };
    const openStore = secretStoreOpener({
      uid: 0,
      env: {},
      keychainProgram,
      disk,
      random,
      clock,
    });
    const parts: AgentParts = {
      clock,
      random,
      log,
      locks: this.locks.process(this.#pid),
      lockPaths: [`${folder}/lock`, '/run/lock/store'],
      store: openStore({ store: 'file', key: { kind: 'key-file', path: '/keys/key' } }, { agent, folder }),
      journal: new FileJournal({ disk, random, folder, agent }),
      provider: this.server.provider(),
      identity: async () => this.identity,
      credential,
      publish: (token) => void this.published.push(token),
      alerts: (alerts) => {
        this.alerts = alerts;
      },
      meter: { exchange() {}, persisted() {} },
    };
    return new Broker(this.settings, parts);
  }
}

const defaults: AgentSettings = {
  agent,
  provider: 'vcf-logs',
  store: 'file',
  rotates: true,
  inDoubt: 'replay_once',
  ttlMs: 30 * 60_000,
  refresh: { at: 0.75, jitter: 0.1 },
  maxExchangesPerMinute: 6,
  exchangeDeadlineMs: 15_000,
  origin: 'https://logs.example.com',
  exchanges: true,
};
