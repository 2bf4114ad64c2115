import type { AgentSettings } from '../../src/domain/agent-state.ts';
import type { Answer } from '../../src/domain/outcome.ts';
import type { ProbeVerdict } from '../../src/domain/probe.ts';
import type { Fingerprint } from '../../src/domain/secret.ts';
import type { AgentStatus } from '../../src/domain/status.ts';
import type { Token } from '../../src/domain/token.ts';
import type { Broker } from '../../src/engine/broker.ts';
import type { FakeServer, Mishap } from '../fakes/fake-server.ts';
import type { ManualClock } from '../fakes/manual-clock.ts';
import type { DiskStep, MemoryDisk } from '../fakes/memory-disk.ts';
import type { MemoryKeychain } from '../fakes/memory-keychain.ts';
import type { LockTable } from '../fakes/memory-locks.ts';
import type { ProcessLife } from '../fakes/process-life.ts';
import type { SeededRandom } from '../fakes/seeded-random.ts';
import type { HostClock } from './host-clock.ts';
import type { DiskTrouble } from './host-disk.ts';
import type { InvariantName } from './invariants/names.ts';
import type { Media, MediaReader, Place } from './media.ts';
import type { ProbeMishap } from './probe-trouble.ts';
import type { Story } from './story.ts';
import type { Tally } from './tally.ts';
import type { Trace } from './trace.ts';

/** How the parts of the simulated world see each other, from the whole down to one agent in one process, and its watchers. */

export type Fields = Readonly<Record<string, unknown>>;

/** The true time, the server, and everything that is known of all hosts. */
export interface WorldView {
  readonly story: Story;
  readonly truth: ManualClock;
  readonly random: SeededRandom;
  readonly server: FakeServer;
  readonly reader: MediaReader;
  readonly trace: Trace;
  readonly tally: Tally;
  /** Tokens that the agent was told to be rejected. */
  readonly rejected: Set<Fingerprint>;
  /** What the server says to every token while a permission is missing; null where none is. */
  readonly denial: ProbeVerdict | null;
  /** The story is at its end: nobody does anything any more that was planned before. */
  readonly calm: boolean;
  /** True time since the story began, ms. */
  nowMs(): number;
  /** Numbers what happens, so that one can say what came first. */
  step(): number;
  grantOf(token: Fingerprint): GrantedToken | undefined;
  granted(site: SiteView, flight: Flight, ttlMs: number): void;
  verdicts(name: InvariantName, site: SiteView | null): Verdicts;
  /** Something failed that never may. */
  failed(site: SiteView | null, what: string, fields: Fields): void;
}

/** What the server gave with a token. Times are true ones, ms. */
export interface GrantedToken {
  readonly secret: Fingerprint;
  readonly sentAtMs: number;
  readonly ttlMs: number;
  /** The boot in which it was asked for, and by how much the wall clock was ahead then. */
  readonly boot: string;
  readonly wallOffMs: number;
}

/** One machine. */
export interface HostView {
  readonly world: WorldView;
  readonly name: string;
  readonly identity: string;
  readonly random: SeededRandom;
  readonly clock: HostClock;
  readonly locks: LockTable;
  readonly media: MemoryDisk;
  readonly keychain: MemoryKeychain | null;
  /** Grows with every change of the disk or the keychain. */
  readonly version: number;
  readonly trouble: DiskTrouble | null;
  /** The world's step since which nothing of full size can be written; null where it can. */
  readonly unwritableSince: number | null;
  /** The world's step at which somebody removed a lock file last. */
  readonly lockRemovedAt: number;
  note(what: string, fields?: Fields): void;
  /** The process that is at work on an agent, and not merely waiting for it. */
  runOf(site: SiteView): RunView | null;
  mishap(at: 'connect' | 'exchange'): Mishap;
  /** What a probe meets on its way; null: it arrives. */
  probeMishap(): ProbeMishap | null;
  travel(): { readonly requestMs: number; readonly answerMs: number };
  sent(run: RunView): void;
  /** A step on the disk was done. */
  wrote(step: DiskStep, path: string): void;
  /** A process has done a step that outlives it, on the disk or in the keychain. It may have been its last one. */
  changed(daemon: DaemonView): void;
}

/** One agent on one host. */
export interface SiteView {
  readonly host: HostView;
  readonly settings: AgentSettings;
  /** Its name at the server: a clone that gets a secret of its own is another agent there. */
  readonly serverName: string;
  readonly place: Place;
  readonly name: string;
  readonly lockPaths: readonly [string, string];
  readonly flights: Flight[];
  /** What is in the file in which new secrets are dropped; null where there is none. */
  secretFile: string | null;
  /** What running programs see. */
  media(): Media;
  /** What a power cut now would leave at worst. */
  survivingMedia(): Media;
  /** What the secret store has acknowledged: a keychain does not say whether its own disk has it. */
  storedMedia(): Media;
  tell(what: (observer: Observer) => void): void;
}

/** One process on a host. */
export interface DaemonView {
  readonly pid: number;
  readonly life: ProcessLife;
  readonly random: SeededRandom;
  readonly runs: readonly RunView[];
}

/** One agent in one process. */
export interface RunView {
  readonly site: SiteView;
  readonly daemon: DaemonView;
  readonly broker: Broker;
  readonly flight: Flight | null;
  readonly alive: boolean;
  /** Whether this process, and no other, is at work on the agent. */
  readonly holds: boolean;
  /** As it was after the engine's last step. */
  readonly status: AgentStatus;
  /** Looks into the file in which new secrets are dropped. */
  lookIntoFile(): void;
  note(what: string, fields?: Fields): void;
}

/** One exchange on its way, as those see it who know everything. */
export interface Flight {
  readonly run: RunView;
  /** Of the secret that is spent. */
  readonly secret: Fingerprint;
  /** True time, ms. */
  readonly sentAtMs: number;
  /** The world's step at which its pre-flight began. */
  readonly preparedAt: number;
  /** The world's step at which the process looked at its locks last. */
  readonly verifiedAt: number;
  /** What the server made of it, where it has. */
  decision: 'granted' | 'refused' | 'invalid' | null;
  /** What it gave for it. */
  granted: { readonly secret: Fingerprint; readonly token: Fingerprint } | null;
  /** What reached the process; null as long as nothing did. */
  answer: Answer | null;
}

/**
 * Somebody who watches one agent on one host, for as long as that host's disk lives. Everything is told at the moment when it
 * happens; after a kill or a power cut the media are already what is left of them.
 */
export interface Observer {
  /** The pre-flight of an attempt begins. */
  prepares?(run: RunView): void;
  sends?(flight: Flight): void;
  /** The server made up its mind about it. */
  decided?(flight: Flight): void;
  /** What the process knows of its end is in `flight.answer`. */
  answered?(flight: Flight): void;
  /** Somebody asks what an answer means. */
  interprets?(run: RunView, answer: Answer): void;
  /**
   * One of the agent's records was put in place or removed, or what was done so is durable from now on; or an item of the
   * keychain has changed.
   */
  wrote?(step: 'rename' | 'remove' | 'sync-folder' | 'keychain'): void;
  publishes?(run: RunView, token: Token): void;
  /** What was published is to be taken back. */
  withdraws?(run: RunView, sequence: number): void;
  /** Somebody says that the server rejects a token. `certain`: it needs no confirmation. */
  reports?(run: RunView, token: Token, certain: boolean): void;
  /** What a process learned by showing a token to the server. */
  looked?(run: RunView, token: Fingerprint, verdict: ProbeVerdict): void;
  /** A line of the engine's log. */
  says?(run: RunView, event: string): void;
  /** Somebody asks for a refresh. */
  asks?(): void;
  /** The journal on the disk was made to say that the token of this number is rejected. */
  marked?(sequence: number): void;
  /** The engine has taken an event, and all that follows from it at once. */
  stepped?(run: RunView): void;
  /** A person, or the file that is watched, begins to hand over a secret; `stored`: it was acknowledged. */
  handsOver?(secret: Fingerprint): void;
  stored?(secret: Fingerprint): void;
  /** A person gives a secret by hand, whatever is in the file. */
  gives?(secret: Fingerprint): void;
  died?(run: RunView, how: 'kill' | 'power-cut'): void;
  /** The disk or the keychain was replaced by an older copy. */
  restored?(): void;
}

/** What an observer says of its invariant. */
export interface Verdicts {
  /** A case came up in which the invariant could have been broken. */
  readonly exercised: () => void;
  readonly violated: (what: string, fields?: Fields) => void;
}
