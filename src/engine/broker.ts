import type { AgentEffect } from '../domain/agent-effect.ts';
import type { AgentEvent } from '../domain/agent-event.ts';
import { gaugesOf, type AgentGauges } from '../domain/agent-gauges.ts';
import { initialState, type AgentSettings, type AgentState } from '../domain/agent-state.ts';
import { alertsOf } from '../domain/alerts.ts';
import type { TokenwardError } from '../domain/errors.ts';
import { holdsUnsaved } from '../domain/facts.ts';
import type { Holder } from '../domain/holder.ts';
import { nextWakeMs } from '../domain/next-wake.ts';
import { handOverObstacle } from '../domain/obstacle.ts';
import { tokenUsable } from '../domain/plan.ts';
import type { RecoveryRequest, RecoveryResult } from '../domain/recovery-report.ts';
import type { Secret } from '../domain/secret.ts';
import { isKnown, servesAsStandby } from '../domain/standby.ts';
import { statusOf, untilNextRefreshMs } from '../domain/status-view.ts';
import type { AgentStatus, AlertStatus } from '../domain/status.ts';
import type { Token } from '../domain/token.ts';
import { transition } from '../domain/transition.ts';
import type { Agent, TokenRejection } from '../ports/agent.ts';
import type { Provider } from '../ports/provider.ts';
import type { AgentParts } from './agent-parts.ts';
import { AgentRequests } from './agent-requests.ts';
import { createEffects, type Effects } from './effects.ts';
import { EventQueue } from './event-queue.ts';
import { errorOf } from './failure.ts';
import { LabelReport } from './label-report.ts';
import { Maintenance, type Work } from './maintenance.ts';
import { PendingReplies } from './pending-replies.ts';
import { recover } from './recover.ts';
import { until } from './until.ts';

/** One agent at work: takes one event at a time through the pure transition, keeps the state and runs the effects. It decides nothing. */
export class Broker implements Agent {
  readonly name: string;
  /** Whether it serves what the holder has where another process is that. */
  readonly servesAsStandby: boolean;
  #parts: AgentParts;
  readonly #effects: Effects;
  readonly #replies: PendingReplies;
  readonly #abort = new AbortController();
  readonly ended = this.#abort.signal;
  readonly #listeners = new Set<() => void>();
  readonly #queue = new EventQueue<AgentEvent>((event) => this.#step(event));
  /** Those that come with settings which are not in use yet. */
  readonly #providers = new WeakMap<AgentSettings, Provider>();
  readonly #requests: AgentRequests;
  readonly #maintenance: Maintenance;
  readonly #label: LabelReport;
  #state: AgentState;
  #started = false;
  #cancelWake: () => void = () => {};

  constructor(settings: AgentSettings, parts: AgentParts) {
    this.name = settings.agent;
    this.servesAsStandby = servesAsStandby(settings);
    this.#parts = parts;
    this.#state = initialState(settings);
    this.#replies = new PendingReplies(parts.random);
    this.#label = new LabelReport(parts.log);
    this.#effects = createEffects({
      parts: () => this.#parts,
      state: () => this.#state,
      useSettings: (next) => {
        this.#parts = { ...this.#parts, provider: this.#providers.get(next) ?? this.#parts.provider };
      },
      signal: this.#abort.signal,
      reply: (effect) => this.#replies.settle(effect),
    });
    const dispatch = (event: AgentEvent): void => void this.#dispatch(event);
    const common = { replies: this.#replies, dispatch, opened: () => this.#opened(), signal: this.ended };
    this.#requests = new AgentRequests({ ...common, credential: parts.credential, state: () => this.#state });
    this.#maintenance = new Maintenance({ ...common, effects: this.#effects, parts: () => this.#parts });
  }

  /** May be called again. Resolves when it is known whether this process holds the agent: true, or false where another one does. */
  async start(): Promise<boolean> {
    if (!this.#started) {
      this.#started = true;
      this.#dispatch({ type: 'started' });
      this.#parts.store.watch?.(() => this.#dispatch({ type: 'store-changed' }), this.ended);
    }
    await this.#opened();
    return this.#state.heldElsewhere === null;
  }

  /** Resolves when the agent is no standby (any more). */
  async held(): Promise<void> {
    await this.#until((state) => state.phase.name !== 'opening' && state.heldElsewhere === null);
  }

  /**
   * Lets a running attempt and its saving end, at most until `deadlineMs` milliseconds are over, then gives everything up.
   * Resolves to false where something received was still unsaved.
   */
  async stop(deadlineMs: number): Promise<boolean> {
    const cancel = this.#parts.clock.after(deadlineMs, () => this.#abort.abort());
    this.#dispatch({ type: 'stop-requested' });
    await this.#until((state) => state.phase.name === 'stopped');
    cancel();
    this.#cancelWake();
    this.#abort.abort();
    // What works on the files must have ended before the locks are given up.
    await this.#maintenance.ended();
    await this.#effects.close();
    return !holdsUnsaved(this.#state);
  }

  /** Who holds the agent instead of this process; null where this process does, or nobody was asked yet. */
  get heldElsewhere(): Holder | null {
    return this.#state.heldElsewhere;
  }

  status(): AgentStatus {
    return statusOf(this.#state, this.#parts.clock.now());
  }

  gauges(): AgentGauges {
    return gaugesOf(this.#state, this.#parts.clock.now());
  }

  token(): Token | null {
    return tokenUsable(this.#state, this.#parts.clock.now()) ? this.#state.token : null;
  }

  retryAfterMs(): number {
    return Math.max(1_000, untilNextRefreshMs(this.#state, this.#parts.clock.now()) ?? 30_000);
  }

  nextRefreshInMs(): number | null {
    return untilNextRefreshMs(this.#state, this.#parts.clock.now());
  }

  subscribe(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  refresh(signal: AbortSignal): Promise<void> {
    return this.#requests.refresh(signal);
  }

  handOver(secret: Secret): { readonly stored: Promise<void>; readonly judged: Promise<void> } {
    return this.#requests.handOver(secret);
  }

  /**
   * Takes over what the watched file holds. Resolves to true when it is durable as a candidate, to false where this very
   * content was taken over before or is in use. Rejects as `stored` of {@link Agent.handOver}.
   */
  adopt(secret: Secret): Promise<boolean> {
    return this.#requests.adopt(secret);
  }

  report({ fingerprint, certain }: TokenRejection): { readonly sequence: number; readonly matches: boolean } {
    const matches = this.token()?.fingerprint === fingerprint;
    if (matches) this.#dispatch({ type: 'token-reported', fingerprint, certain });
    return { sequence: this.status().token.sequence, matches };
  }

  maintain<Result>(work: Work<Result>, empties: (result: Result) => boolean = () => false): Promise<Result> {
    return this.#maintenance.run(work, empties);
  }

  /** Whether the store was last found with a next wrapping key: in the middle of a replacement. */
  get hasNextKey(): boolean {
    return this.#parts.store.hasNextKey;
  }

  recover(request: RecoveryRequest): Promise<RecoveryResult> {
    const { settings } = this.#state;
    const { state } = this.status();
    return this.maintain(
      (parts, signal) => recover(parts, { settings, state, request }, signal),
      ({ done }) => done === 'set-aside',
    );
  }

  /**
   * Goes by other settings, and speaks with the server by another provider of the same product. Resolves when every exchange
   * that starts from now on goes by them; the one under way ends by the old ones. Name, provider and store stay as they are.
   * Rejects `SHUTTING_DOWN`.
   */
  async reconfigure(settings: AgentSettings, provider: Provider): Promise<void> {
    this.#providers.set(settings, provider);
    await this.#requests.reconfigure(settings);
  }

  /** Has the engine look at the time. False where it takes no event any more, and only a restart helps. */
  answers(): boolean {
    return !this.#started || this.ended.aborted || this.#dispatch({ type: 'woke' });
  }

  /** Why no new secret could be taken now; null where one could. */
  handOverObstacle(): TokenwardError | null {
    return errorOf(handOverObstacle(this.#state));
  }

  /** A condition outside the rotation, such as a tampered token file; null ends it. */
  setCondition(key: string, alert: AlertStatus | null): void {
    this.#dispatch(
      alert === null ? { type: 'condition-ended', key } : { type: 'condition-began', key, alert },
    );
  }

  /** Resolves as soon as the state fits, or the agent is given up. */
  #until(fits: (state: AgentState) => boolean): Promise<void> {
    return until(() => fits(this.#state), this.#listeners, this.#abort.signal);
  }

  /** Resolves when the store and the journal were read, or cannot be. */
  #opened(): Promise<void> {
    return this.#until((state) => state.phase.name !== 'opening');
  }

  /** False where it is not through with the event: it is in the middle of another one. */
  #dispatch(event: AgentEvent): boolean {
    // Given up: the locks are gone, and what still ends must not lead to another write.
    if (this.ended.aborted) return false;
    const isThrough = this.#queue.add(event);
    if (isThrough) this.#tell();
    return isThrough;
  }

  #step(event: AgentEvent): void {
    const { clock, random } = this.#parts;
    const moment = { now: clock.now(), draw: random.fraction(), id: random.uuid() };
    const { state, effects } = transition(this.#state, event, moment);
    this.#state = state;
    for (const effect of effects) this.#run(effect);
  }

  #run(effect: AgentEffect): void {
    this.#effects.execute(effect)?.then(
      (event) => this.#dispatch(event),
      (error: unknown) => this.#parts.log.error('effect-failed', { effect: effect.do, error }),
    );
  }

  /** After every event: the timer, the alerts, whoever watches. */
  #tell(): void {
    const { clock, alerts } = this.#parts;
    const now = clock.now();
    this.#cancelWake();
    const wakeMs = nextWakeMs(this.#state, now);
    if (wakeMs !== null) this.#cancelWake = clock.after(wakeMs, () => this.#dispatch({ type: 'woke' }));
    this.#label.report(this.#state, now);
    alerts(alertsOf(this.#state, now), isKnown(this.#state));
    for (const listener of this.#listeners) listener();
  }
}
