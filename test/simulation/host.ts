import type { AgentSettings } from '../../src/domain/agent-state.ts';
import type { Mishap } from '../fakes/fake-server.ts';
import type { DiskStep, MemoryDisk } from '../fakes/memory-disk.ts';
import type { MemoryKeychain } from '../fakes/memory-keychain.ts';
import { LockTable } from '../fakes/memory-locks.ts';
import type { SeededRandom } from '../fakes/seeded-random.ts';
import { Daemon } from './daemon.ts';
import { HostClock } from './host-clock.ts';
import type { DiskTrouble } from './host-disk.ts';
import type { ProbeMishap, ProbeTrouble } from './probe-trouble.ts';
import { Site } from './site.ts';
import type { DaemonView, Fields, HostView, RunView, SiteView, WorldView } from './views.ts';

/** What a host's exchanges meet on their way: each with this share of probability, one of the mishaps. */
export interface Weather {
  readonly share: number;
  readonly mishaps: readonly [Mishap, ...Mishap[]];
  /** Whether requests and answers take so long that they may come after the deadline. */
  readonly late: boolean;
}

export interface HostOptions {
  readonly name: string;
  readonly media: MemoryDisk;
  readonly keychain: MemoryKeychain | null;
  readonly agents: readonly AgentSettings[];
}

/** A keychain's file is on the disk for sure after this time, ms. */
const keychainFlushMs = 30_000;

/** One machine: its clocks, its disk, its keychain, its locks, its way to the server, and the processes that run on it. */
export class Host implements HostView {
  readonly world: WorldView;
  readonly name: string;
  readonly random: SeededRandom;
  readonly clock: HostClock;
  readonly locks = new LockTable();
  readonly sites: readonly Site[];
  weather: Weather | null = null;
  probeTrouble: ProbeTrouble | null = null;
  readonly daemons: Daemon[] = [];
  /** The world's step since which nothing of full size can be written; null where it can. */
  unwritableSince: number | null = null;
  /** The world's step at which somebody removed a lock file last. */
  lockRemovedAt = 0;
  /** Called at the next exchange that leaves this host. */
  onSend: ((run: RunView) => void) | null = null;
  /** Called instead of the burial of the next process that ends in the middle of its work. */
  onDeath: ((daemon: DaemonView) => void) | null = null;
  #media: MemoryDisk;
  #keychain: MemoryKeychain | null;
  #version = 0;
  #trouble: DiskTrouble | null = null;
  #lastWriteMs = 0;
  /** Whether the step that is being told of was one on the disk; else it was one of the keychain. */
  #onDisk = false;
  #nextPid = 100;

  constructor(world: WorldView, { name, media, keychain, agents }: HostOptions) {
    this.world = world;
    this.name = name;
    this.random = world.random.fork();
    this.clock = new HostClock(name, world.truth, this.random.fork());
    this.#media = media;
    this.#keychain = keychain;
    this.sites = agents.map((settings) => new Site(this, settings, world.reader));
  }

  get identity(): string {
    return `host:${this.name}`;
  }

  get media(): MemoryDisk {
    return this.#media;
  }

  get keychain(): MemoryKeychain | null {
    return this.#keychain;
  }

  /** Grows with every change of the disk or the keychain. */
  get version(): number {
    return this.#version;
  }

  /** Another disk and another keychain take the place of these. */
  replace(media: MemoryDisk, keychain: MemoryKeychain | null): void {
    this.#media = media;
    this.#keychain = keychain;
    this.#version += 1;
    this.#noteWritable();
  }

  get trouble(): DiskTrouble | null {
    return this.#trouble;
  }

  setTrouble(trouble: DiskTrouble | null): void {
    this.#trouble = trouble;
    this.#noteWritable();
  }

  setKeychain(condition: MemoryKeychain['condition']): void {
    if (this.keychain === null) return;
    this.keychain.condition = condition;
    this.#noteWritable();
  }

  #noteWritable(): void {
    const kind = this.#trouble?.kind;
    const keychainAnswers = (this.keychain?.condition ?? 'answering') === 'answering';
    const writable = keychainAnswers && kind !== 'full' && kind !== 'nearly-full' && kind !== 'read-only';
    this.unwritableSince = writable ? null : (this.unwritableSince ?? this.world.step());
  }

  note(what: string, fields: Fields = {}): void {
    this.world.trace.add(this.name, what, fields);
  }

  /** By default with all agents of the host. */
  start(sites: readonly Site[] = this.sites): Daemon {
    const daemon = new Daemon(this, this.#nextPid, sites);
    this.#nextPid += 1;
    this.daemons.push(daemon);
    this.note('starts', { pid: daemon.pid, state: sites[0]?.place.folder });
    daemon.start();
    return daemon;
  }

  /** The process dies without a word; what it wrote stays. */
  kill(daemon: DaemonView): void {
    if (!this.#buries(daemon)) return;
    this.note('kills', { pid: daemon.pid });
    for (const run of daemon.runs) run.site.tell((observer) => observer.died?.(run, 'kill'));
  }

  killAll(): void {
    for (let [daemon] = this.daemons; daemon !== undefined; [daemon] = this.daemons) this.kill(daemon);
  }

  /** The host loses power: everything that was not synced may be gone. */
  powerCut(): void {
    const { random } = this;
    const worst = random.below(2) === 0;
    const choose = (options: number) => (worst ? 0 : random.below(options));
    if (this.world.nowMs() - this.#lastWriteMs > keychainFlushMs) this.keychain?.settle();
    const condition = this.keychain?.condition ?? 'answering';
    this.replace(this.media.crash(choose), this.keychain?.crash(choose) ?? null);
    this.clock.reboot();
    this.note('loses power', { worst });
    const dead = [...this.daemons];
    for (const daemon of dead) this.#buries(daemon);
    // A keyring that nobody unlocked before the boot is locked after it.
    this.setKeychain(condition);
    for (const run of dead.flatMap(({ runs }) => runs))
      run.site.tell((observer) => observer.died?.(run, 'power-cut'));
  }

  /** The process ended of itself. */
  ended(daemon: DaemonView): void {
    if (!this.#buries(daemon)) return;
    this.note('ended', { pid: daemon.pid });
    for (const run of daemon.runs) run.site.tell((observer) => observer.died?.(run, 'kill'));
  }

  /** The process that is at work on an agent, and not merely waiting for it. */
  runOf(site: SiteView): RunView | null {
    const runs = this.daemons.flatMap((daemon) => daemon.runs);
    return runs.find((run) => run.site === site && run.holds) ?? null;
  }

  mishap(at: 'connect' | 'exchange'): Mishap {
    const { weather, random } = this;
    if (weather === null || random.fraction() >= weather.share) return 'none';
    const mishap = random.pick(weather.mishaps);
    if (at === 'exchange' && mishap !== 'none') this.note('mishap', { mishap });
    return mishap;
  }

  probeMishap(): ProbeMishap | null {
    const now = this.probeTrouble;
    if (now?.times === 1) this.probeTrouble = null;
    else if (now !== null) this.probeTrouble = { ...now, times: now.times - 1 };
    return now?.mishap ?? null;
  }

  travel(): { requestMs: number; answerMs: number } {
    const { weather, random } = this;
    if (weather?.late !== true) return { requestMs: 1 + random.below(150), answerMs: 1 + random.below(300) };
    return { requestMs: random.below(14_000), answerMs: random.below(20_000) };
  }

  sent(run: RunView): void {
    const { onSend } = this;
    this.onSend = null;
    onSend?.(run);
  }

  /** Only what concerns the agents' records is told on: of the probes of a pre-flight nobody needs to know. */
  wrote(step: DiskStep, path: string): void {
    this.#version += 1;
    this.#onDisk = true;
    for (const site of this.sites) {
      const { folder } = site.place;
      if (step === 'sync-folder' && path === folder && site.unsynced) {
        site.unsynced = false;
        site.tell((observer) => observer.wrote?.('sync-folder'));
      } else if ((step === 'rename' || step === 'remove') && isRecord(path, folder)) {
        site.unsynced = true;
        site.tell((observer) => observer.wrote?.(step));
      }
    }
  }

  /** After each step of a process that outlives it. It may have been its last one. */
  changed(daemon: DaemonView): void {
    this.#lastWriteMs = this.world.nowMs();
    if (!this.#onDisk) {
      this.#version += 1;
      for (const site of this.sites)
        if (site.keychainChanged()) site.tell((observer) => observer.wrote?.('keychain'));
    }
    this.#onDisk = false;
    if (daemon.life.alive || !this.daemons.some(({ pid }) => pid === daemon.pid)) return;
    const { onDeath } = this;
    this.onDeath = null;
    this.world.truth.after(0, () => (onDeath === null ? this.kill(daemon) : onDeath(daemon)));
  }

  #buries(daemon: DaemonView): boolean {
    const index = this.daemons.findIndex(({ pid }) => pid === daemon.pid);
    if (index < 0) return false;
    this.daemons.splice(index, 1);
    daemon.life.end();
    this.locks.kill(daemon.pid);
    return true;
  }
}

function isRecord(path: string, folder: string): boolean {
  return path.startsWith(folder) && recordFile.test(path);
}

const recordFile = /\/(secret|candidate|journal|session|raw-[^/]*)\.sealed$/;
