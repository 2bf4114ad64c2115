import { Secret } from '../../src/domain/secret.ts';
import type { AlertStatus } from '../../src/domain/status.ts';
import type { Token } from '../../src/domain/token.ts';
import type { AgentParts } from '../../src/engine/agent-parts.ts';
import { Broker } from '../../src/engine/broker.ts';
import { unmetered } from '../../src/engine/unmetered.ts';
import { FileJournal } from '../../src/journal/file-journal.ts';
import { TokenFile } from '../../src/outputs/token-file.ts';
import { makeDurableFolder } from '../../src/platform/durable-folder.ts';
import { credential } from '../../src/platform/fingerprint.ts';
import { FileSlots } from '../../src/secrets/file-slots.ts';
import { KeyFile } from '../../src/secrets/key-file.ts';
import { SealedSecretStore } from '../../src/secrets/sealed-secret-store.ts';
import type { Slots } from '../../src/secrets/slots.ts';
import { LockTable } from '../fakes/memory-locks.ts';
import { MemoryLog } from '../fakes/memory-log.ts';
import { ProcessLife } from '../fakes/process-life.ts';
import { SeededRandom } from '../fakes/seeded-random.ts';
import { TokenFileCounts } from '../fakes/token-file-counts.ts';
import { agent, agentFolder, keyFolder, stateFolders, tokenFile, type Host } from './host.ts';
import { isCommitted } from './remains.ts';

/** One run of the daemon on a host: the real engine, journal, stores and token file. */
export class AgentProcess {
  readonly host: Host;
  readonly life: ProcessLife;
  readonly broker: Broker;
  alerts: readonly AlertStatus[] = [];
  readonly #random: SeededRandom;
  readonly #tokenFile: TokenFile;

  /**
   * `onStep` is called after each step that changed the disk or the keychain; `through` may put something between the engine
   * and its parts.
   */
  constructor(
    host: Host,
    onStep: (step: string) => void = () => {},
    through: (parts: AgentParts) => AgentParts = (parts) => parts,
  ) {
    this.host = host;
    host.past.processes += 1;
    this.#random = new SeededRandom(host.past.processes);
    this.life = new ProcessLife(host.clock, host.disk, onStep);
    const parts = { disk: this.life.disk, random: this.#random };
    this.#tokenFile = new TokenFile(tokenFile, {
      ...parts,
      meter: new TokenFileCounts(),
      onTampered: () => {},
    });
    const agentParts: AgentParts = {
      ...parts,
      clock: this.life.clock,
      log: new MemoryLog(),
      // the kernel gave up the locks of the process before
      locks: new LockTable().process(host.past.processes),
      lockPaths: [`${agentFolder}/lock`],
      store: new SealedSecretStore(agent, this.#slots(), this.#random),
      journal: new FileJournal({ ...parts, folder: agentFolder, agent }),
      provider: host.server.provider(),
      identity: async () => 'host:one',
      credential,
      publish: (token) => this.#publish(token),
      withdraw() {},
      alerts: (alerts) => {
        this.alerts = alerts;
      },
      meter: unmetered,
    };
    this.broker = new Broker(host.settings, through(agentParts));
  }

  /** Makes the folders, as both composition roots do, and lets the agent do what it can do at once. */
  async start(): Promise<void> {
    void this.#open();
    await this.host.clock.elapse(0);
  }

  /** Hands over a secret, and waits until all that follows at once is done. */
  async handOver(text: string): Promise<void> {
    const { past, clock } = this.host;
    const acknowledge = () => {
      past.acknowledged += 1;
      past.refills.push(clock.now().wallMs);
    };
    // what was not stored is not acknowledged; the state that it leaves is looked at by the caller
    void this.broker.handOver(new Secret(text)).stored.then(acknowledge, () => {});
    await clock.elapse(0);
  }

  /** Asks for a new token, and waits until all that follows at once is done. Resolves to whether it was had. */
  async refresh(): Promise<boolean> {
    const { published } = this.host.past;
    const before = published.length;
    // the outcome shows in what was published
    this.broker.refresh(new AbortController().signal).catch(() => {});
    await this.host.clock.elapse(0);
    return published.length > before;
  }

  async #open(): Promise<void> {
    for (const folder of stateFolders) await makeDurableFolder(this.life.disk, folder, 0o700);
    await this.broker.start();
  }

  #publish(token: Token): void {
    const durable = this.broker.status().secret.status !== 'memory_only';
    this.host.past.published.push({ token, durable, committed: isCommitted(this.host, token) });
    // a token file that cannot be written is another part's trouble
    this.#tokenFile.publish(token, new AbortController().signal).catch(() => {});
  }

  #slots(): Slots {
    const { store, keychain } = this.host;
    if (store === 'keychain') return keychain.slots(agent, this.life);
    const parts = { disk: this.life.disk, random: this.#random };
    const keySource = new KeyFile({ ...parts, path: `${keyFolder}/key`, uid: 0 });
    return new FileSlots({ ...parts, folder: agentFolder, keySource });
  }
}
