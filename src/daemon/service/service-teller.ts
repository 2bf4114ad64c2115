import {
  nothingTold,
  reloadingLines,
  type ServiceAgent,
  serviceReport,
  type ServiceStage,
  type ServiceTold,
  stoppingLines,
  stuckAgents,
} from '../../domain/service-report.ts';
import type { NotifySocket } from '../../platform/systemd/notify-socket.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Log } from '../../ports/log.ts';
import type { WatchedAgent } from '../service-manager.ts';

export interface TellerParts {
  readonly notify: NotifySocket;
  readonly clock: Clock;
  readonly log: Log;
  /** The watchdog strikes when this much has passed without a sign of life, milliseconds; null where there is none. */
  readonly watchdogMs: number | null;
}

/** Milliseconds between two looks where no watchdog asks for more: an idle daemon is to stay idle. */
const lookEveryMs = 20_000;
/** Looks in one period of the watchdog. */
const looksPerPeriod = 3;
/** How much longer a start may take from each look on, milliseconds. */
const extendMs = 3 * lookEveryMs;
/** What the end of everything else takes besides the agents, milliseconds. */
const closeMs = 10_000;

/** Tells the service manager how the agents are: when that changes, and from time to time. */
export class ServiceTeller {
  readonly #parts: TellerParts;
  readonly #subscriptions = new Map<WatchedAgent, () => void>();
  #agents: () => readonly WatchedAgent[] = () => [];
  #stage: ServiceStage = 'starting';
  #told: ServiceTold = nothingTold;
  #stuck: readonly string[] = [];
  #cancelLook: () => void = () => {};
  #cancelChange: (() => void) | null = null;

  constructor(parts: TellerParts) {
    this.#parts = parts;
  }

  begin(agents: () => readonly WatchedAgent[]): void {
    this.#agents = agents;
    this.#look();
  }

  serving(): void {
    if (this.#stage === 'starting') this.#stage = 'serving';
    this.#tell(false);
  }

  reloading(monotonicUs: bigint): void {
    // systemd would take the end of a reload for that of the start.
    if (this.#told.ready && this.#stage === 'serving') this.#parts.notify.send(reloadingLines(monotonicUs));
  }

  reloaded(): void {
    if (!this.#told.ready || this.#stage !== 'serving') return;
    this.#parts.notify.send(['READY=1']);
    this.#tell(false);
  }

  stopping(atMostMs: number): void {
    this.#stage = 'stopping';
    this.#parts.notify.send(stoppingLines(atMostMs + closeMs));
  }

  close(): void {
    this.#cancelLook();
    this.#cancelChange?.();
    for (const unsubscribe of this.#subscriptions.values()) unsubscribe();
    this.#parts.notify.close();
  }

  #look(): void {
    const { clock, watchdogMs } = this.#parts;
    const everyMs = Math.min(lookEveryMs, (watchdogMs ?? Infinity) / looksPerPeriod);
    this.#cancelLook = clock.after(everyMs, () => this.#look());
    this.#tell(watchdogMs !== null);
  }

  /** Several things change at once most often; the engine is in the middle of it when it tells. */
  #changed(): void {
    this.#cancelChange ??= this.#parts.clock.after(0, () => {
      this.#cancelChange = null;
      this.#tell(false);
    });
  }

  #tell(watchdog: boolean): void {
    const watched = this.#agents();
    this.#follow(watched);
    // To have an engine take an event is for the watchdog only.
    const agents = watched.map((agent) => ({
      // First: what it does about the time shows in the status.
      answers: !watchdog || agent.answers(),
      status: agent.status(),
      nextRefreshInMs: agent.nextRefreshInMs(),
    }));
    const view = { stage: this.#stage, agents, watchdog, extendMs };
    const { lines, told } = serviceReport(view, this.#told);
    this.#told = told;
    this.#parts.notify.send(lines);
    if (watchdog) this.#noteStuck(agents);
  }

  #noteStuck(agents: readonly ServiceAgent[]): void {
    const stuck = stuckAgents(agents);
    if (stuck.length > 0 && this.#stuck.length === 0)
      this.#parts.log.error('engine-stuck', { agents: stuck });
    this.#stuck = stuck;
  }

  /** A reload brings other agents. */
  #follow(agents: readonly WatchedAgent[]): void {
    const now = new Set(agents);
    for (const [agent, unsubscribe] of this.#subscriptions) {
      if (now.has(agent)) continue;
      unsubscribe();
      this.#subscriptions.delete(agent);
    }
    for (const agent of agents) {
      if (!this.#subscriptions.has(agent))
        this.#subscriptions.set(
          agent,
          agent.subscribe(() => this.#changed()),
        );
    }
  }
}
