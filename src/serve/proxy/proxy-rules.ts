import type { Socket } from 'node:net';
import type { Metrics } from '../../platform/metrics.ts';
import type { ScratchFile } from '../../platform/scratch-file.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Log } from '../../ports/log.ts';
import type { LimitOptions } from '../limits.ts';
import type { Peer } from '../peer.ts';
import type { ClientRules } from './client.ts';
import type { ForwardRules } from './forward.ts';
import type { TargetRules } from './target.ts';

/** What of a proxy may change while it listens. */
export interface ProxyRules extends ForwardRules {
  /** Whose token it is. */
  readonly agent: string;
  readonly client: ClientRules;
  readonly target: TargetRules;
  readonly limits: LimitOptions;
  /** Who connects. Throws where the kernel does not say; the connection is then cut. */
  identify(socket: Socket): Peer;
}

export interface ProxyDependencies {
  readonly clock: Clock;
  readonly log: Log;
  readonly metrics: Pick<Metrics, 'connections' | 'proxy'>;
  openScratchFile(): Promise<ScratchFile>;
}
