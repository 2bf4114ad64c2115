import type { AgentSettings } from '../../src/domain/agent-state.ts';
import type { Stamp } from '../../src/domain/stamp.ts';
import type { Token } from '../../src/domain/token.ts';
import type { RotationPolicy } from '../../src/emulator/vcf-logs/rotation-policy.ts';
import { ManualClock } from '../fakes/manual-clock.ts';
import { MemoryDisk } from '../fakes/memory-disk.ts';
import { MemoryKeychain } from '../fakes/memory-keychain.ts';
import { usualSettings } from '../fakes/usual-settings.ts';
import { RecordedServer } from './recorded-server.ts';

/** One machine with what outlives its processes, and the server that it talks to. */

export const agent = 'web-01';
export const stateFolders = [
  '/var/lib/tokenward',
  '/var/lib/tokenward/agents',
  '/var/lib/tokenward/agents/web-01',
];
export const agentFolder = '/var/lib/tokenward/agents/web-01';
export const keyFolder = '/etc/tokenward';
export const tokenFile = {
  path: '/srv/tokens/web-01.token',
  format: { kind: 'bare' },
  agent: { name: agent, tokenHeader: { name: 'Authorization', scheme: 'Bearer' } },
  mode: 0o640,
  uid: 7,
  gid: 8,
} as const;
export const tokenFolder = '/srv/tokens';

export type StoreName = 'file' | 'keychain';

/** A token that went out. `durable` is what its process said of it then: not where it was in memory only. */
export interface Published {
  readonly token: Token;
  readonly durable: boolean;
  /** Whether its secret and itself were committed then, whatever a power cut takes. */
  readonly committed: boolean;
}

/** What happened so far that no crash can undo. */
export interface Past {
  readonly published: Published[];
  /** When the bucket was filled by a hand-over, wall-clock ms. */
  readonly refills: number[];
  /** The answers to attempts that were granted, sealed, each time that they were written. */
  readonly answers: Uint8Array[];
  /** What is sure of the newest one: no SIGKILL takes it once it is written, and no power cut once it is durable. */
  answer: 'none' | 'arrived' | 'written' | 'durable';
  /** The hand-overs that were acknowledged as stored. */
  acknowledged: number;
  /** Processes so far; each has chance of its own. */
  processes: number;
}

export interface Host {
  readonly store: StoreName;
  readonly settings: AgentSettings;
  readonly clock: ManualClock;
  readonly disk: MemoryDisk;
  readonly keychain: MemoryKeychain;
  readonly server: RecordedServer;
  readonly past: Past;
}

/** What outlives a crash. */
export type Remains = Pick<Host, 'disk' | 'keychain'>;

export interface HostOptions {
  readonly store: StoreName;
  readonly policy?: RotationPolicy;
  readonly settings?: Partial<AgentSettings>;
  /** How many of its last changes the keychain may lose at a power cut. */
  readonly keychainAtRisk?: number;
}

/** A machine on which tokenward was installed and never ran. */
export function newHost({ store, policy = 'strict', settings = {}, keychainAtRisk = 1 }: HostOptions): Host {
  const clock = new ManualClock();
  const disk = new MemoryDisk();
  for (const folder of ['/var/lib', keyFolder, tokenFolder]) disk.seedFolder(folder, 0o755);
  return {
    store,
    settings: { ...defaults, store, ...settings },
    clock,
    disk,
    keychain: new MemoryKeychain({ atRisk: keychainAtRisk }),
    server: new RecordedServer(clock, policy),
    past: {
      published: [],
      refills: [],
      answers: [],
      answer: 'none',
      acknowledged: 0,
      processes: 0,
    },
  };
}

/** A copy of what is known at this moment, which later events do not change. */
export function pastOf({ past }: Pick<Host, 'past'>): Past {
  return {
    ...past,
    published: [...past.published],
    refills: [...past.refills],
    answers: [...past.answers],
  };
}

/** A clock of its own that shows this moment, of the same boot. */
export function clockAt({ bootId, bootMs, wallMs }: Stamp): ManualClock {
  const boots = Number(bootId.slice('boot-'.length));
  if (boots === 1) return new ManualClock({ bootMs, wallMs });
  const clock = new ManualClock({ wallMs: wallMs - bootMs });
  for (let boot = 1; boot < boots; boot += 1) clock.reboot();
  clock.advance(bootMs);
  return clock;
}

const defaults: AgentSettings = { ...usualSettings, agent, maxExchangesPerMinute: 2 };
