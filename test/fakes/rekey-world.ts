import type { AgentSettings } from '../../src/domain/agent-state.ts';
import { Secret } from '../../src/domain/secret.ts';
import { Broker } from '../../src/engine/broker.ts';
import { KeyKeeper } from '../../src/engine/key-keeper.ts';
import { unmetered } from '../../src/engine/unmetered.ts';
import { FileJournal } from '../../src/journal/file-journal.ts';
import { credential } from '../../src/platform/fingerprint.ts';
import { open, type RecordKind } from '../../src/platform/seal.ts';
import type { AgentRecords } from '../../src/ports/wrapping-keys.ts';
import { FileSlots } from '../../src/secrets/file-slots.ts';
import { KeyFile } from '../../src/secrets/key-file.ts';
import { decodeKey } from '../../src/secrets/key-source.ts';
import { SealedSecretStore } from '../../src/secrets/sealed-secret-store.ts';
import type { Slots } from '../../src/secrets/slots.ts';
import { FakeServer } from './fake-server.ts';
import { ManualClock } from './manual-clock.ts';
import { MemoryDisk } from './memory-disk.ts';
import { MemoryKeychain } from './memory-keychain.ts';
import { LockTable } from './memory-locks.ts';
import { MemoryLog } from './memory-log.ts';
import { ProcessLife } from './process-life.ts';
import { SeededRandom } from './seeded-random.ts';
import { usualSettings } from './usual-settings.ts';

const keyPath = '/keys/key';

export interface RekeyWorldOptions {
  readonly store?: 'file' | 'keychain';
  readonly agents?: readonly string[];
  /** Further agents, without a secret. */
  readonly unprovisioned?: readonly string[];
  readonly settings?: Partial<AgentSettings>;
  /** How many of its last changes the keychain may lose at a power cut. */
  readonly keychainAtRisk?: number;
}

/** One host with agents that share a key file, or have keys of their own in a keychain, and the daemon that keeps the keys. */
export class RekeyWorld {
  readonly clock = new ManualClock();
  readonly server: FakeServer;
  readonly locks = new LockTable();
  readonly names: readonly string[];
  disk = new MemoryDisk();
  keychain: MemoryKeychain;
  log = new MemoryLog();
  life: ProcessLife;
  brokers: ReadonlyMap<string, Broker>;
  keeper: KeyKeeper;
  readonly #options: Required<Pick<RekeyWorldOptions, 'store' | 'settings'>>;
  readonly #random = new SeededRandom(7);
  /** Called after each step that changed the disk or the keychain. */
  onDiskChange: (step: string) => void = () => {};
  #pid = 100;

  private constructor({
    store = 'file',
    agents = ['web-01'],
    unprovisioned = [],
    settings = {},
    keychainAtRisk = 1,
  }: RekeyWorldOptions) {
    this.#options = { store, settings };
    this.names = [...agents, ...unprovisioned];
    this.server = new FakeServer('strict', this.clock, this.#random);
    this.keychain = new MemoryKeychain({ atRisk: keychainAtRisk });
    for (const folder of ['/keys', ...this.names.map(folderOf)]) this.disk.seedFolder(folder);
    [this.life, this.brokers, this.keeper] = this.#newProcess();
  }

  /** Agents with a token of generation 1, and everything on its disk. */
  static async begun(options: RekeyWorldOptions = {}): Promise<RekeyWorld> {
    const world = new RekeyWorld(options);
    await world.start();
    for (const agent of options.agents ?? ['web-01']) {
      const broker = world.broker(agent);
      const { stored } = broker.handOver(new Secret(world.server.create(broker.name)));
      await world.clock.elapse(0);
      await stored;
    }
    await world.clock.elapse(1);
    world.keychain.settle();
    return world;
  }

  async start(): Promise<void> {
    for (const broker of this.brokers.values()) void broker.start();
    await this.clock.elapse(0);
  }

  /** The process dies without a word, and the host with it where `choose` says what that takes. The next one is ready to start. */
  crash(choose: ((options: number) => number) | null): void {
    if (choose !== null) {
      this.disk = this.disk.crash(choose);
      this.keychain = this.keychain.crash(choose);
      this.clock.reboot(1_000);
    }
    this.life.end();
    this.locks.kill(this.#pid);
    this.#pid += 1;
    this.log = new MemoryLog();
    [this.life, this.brokers, this.keeper] = this.#newProcess();
  }

  /** Replaces the key; resolves when all that follows at once is done. */
  async rekey(agent = this.names[0] ?? ''): Promise<readonly AgentRecords[] | Error> {
    const ended = this.keeper.replace(agent).catch((error: Error) => error);
    await this.clock.elapse(0);
    return ended;
  }

  broker(agent = this.names[0] ?? ''): Broker {
    const broker = this.brokers.get(agent);
    if (broker === undefined) throw new Error(`no ${agent}`);
    return broker;
  }

  /** All keys that the host has of the agent, as text; what never got its name is none. */
  keys(agent = this.names[0] ?? ''): readonly string[] {
    if (this.#options.store === 'file')
      return [...this.disk.files()]
        .filter(([path]) => path.startsWith(keyPath))
        .map(([, bytes]) => Buffer.from(decodeKey(bytes) ?? []).toString('base64'));
    return [...this.keychain.items()]
      .filter(([name]) => name.startsWith(`tokenward/${agent}/`) && name.endsWith('wrapping-key'))
      .map(([, value]) => Buffer.from(value, 'base64url').toString('base64'));
  }

  /** What of everything that is kept of the agents opens with the key, whatever it is called. */
  openedWith(key: string): readonly string[] {
    const kinds: readonly RecordKind[] = ['secret', 'candidate', 'journal', 'raw', 'session', 'probe'];
    const items = [...this.keychain.items()].map(
      ([name, value]) => [name, new Uint8Array(Buffer.from(value, 'base64url'))] as const,
    );
    return [...this.disk.files(), ...items].flatMap(([name, bytes]) => {
      const opens = (agent: string) =>
        kinds.some((kind) => open(Buffer.from(key, 'base64'), { agent, kind }, bytes) !== null);
      return this.names.some(opens) ? [name] : [];
    });
  }

  #newProcess(): [ProcessLife, ReadonlyMap<string, Broker>, KeyKeeper] {
    const life = new ProcessLife(this.clock, this.disk, (step) => this.onDiskChange(step));
    const keeper = new KeyKeeper({ clock: life.clock, log: this.log });
    const brokers = this.names.map((name) => this.#newBroker(name, life));
    for (const broker of brokers) keeper.add(this.#options.store === 'file' ? keyPath : broker.name, broker);
    return [life, new Map(brokers.map((broker) => [broker.name, broker])), keeper];
  }

  #newBroker(agent: string, life: ProcessLife): Broker {
    const settings: AgentSettings = {
      ...usualSettings,
      agent,
      store: this.#options.store,
      ...this.#options.settings,
    };
    const parts = { disk: life.disk, random: this.#random };
    return new Broker(settings, {
      ...parts,
      clock: life.clock,
      log: this.log,
      locks: this.locks.process(this.#pid),
      lockPaths: [`${folderOf(agent)}/lock`, `/run/lock/${agent}`],
      store: new SealedSecretStore(agent, this.#slots(agent, life), this.#random),
      journal: new FileJournal({ ...parts, folder: folderOf(agent), agent }),
      provider: this.server.provider(settings),
      identity: async () => 'host:one',
      credential,
      publish() {},
      withdraw() {},
      alerts() {},
      meter: unmetered,
    });
  }

  #slots(agent: string, life: ProcessLife): Slots {
    if (this.#options.store === 'keychain') return this.keychain.slots(agent, life);
    const parts = { disk: life.disk, random: this.#random };
    return new FileSlots({
      ...parts,
      folder: folderOf(agent),
      keySource: new KeyFile({ ...parts, path: keyPath, uid: 0 }),
    });
  }
}

export function folderOf(agent: string): string {
  return `/state/agents/${agent}`;
}
