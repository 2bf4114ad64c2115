import type { AgentConfig, Config } from '../config/config.ts';
import type { Finding } from '../config/finding.ts';
import type { TokenwardError } from '../domain/errors.ts';
import type { Users } from '../platform/users.ts';
import type { SealedRecord } from '../ports/sealed-records.ts';
import type { DaemonFacts } from './judge-daemon.ts';
import type { Line } from './line.ts';
import type { NameBook } from './name-book.ts';
import type { ServiceUser } from './service-user.ts';

/** What the doctor is given: the configuration, what `tokenward check` found, and the ways to look at the rest. */
export interface Examination {
  readonly config: Config;
  readonly configPath: string;
  readonly configChangedAt: Date;
  /** Why the daemon's user may not trust the file; null where it may. */
  readonly configFlaw: TokenwardError | null;
  readonly findings: readonly Finding[];
  readonly service: ServiceUser;
  /** Who looks. */
  readonly self: { readonly uid: number };
  readonly users: Users;
  /** Knows the daemon's user and ours. */
  readonly names: NameBook;
  /** As the daemon has it, where that can be seen. */
  readonly env: NodeJS.ProcessEnv;
  readonly version: string;
  readonly now: Date;
  readonly daemon: Promise<DaemonFacts>;
  readonly lookIntoStore: (agent: AgentConfig) => Promise<readonly SealedRecord[]>;
  /** `/proc` of this host. */
  readonly proc: string;
  /** Milliseconds for each look. */
  readonly timeoutMs: number;
  /** Ends what leaves something behind while it lasts. */
  readonly signal: AbortSignal;
}

/** Lines that become known together. */
export type Lines = Promise<readonly Line[]>;

/** Whether we may look at what is for the daemon's user only. */
export function seesAll({ self, service }: Pick<Examination, 'self' | 'service'>): boolean {
  return self.uid === 0 || self.uid === service.uid;
}
