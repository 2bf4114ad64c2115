import { isDeepStrictEqual } from 'node:util';
import {
  afterFailure,
  afterSuccess,
  type HookProgress,
  keepsFailing,
  newHook,
  nextHook,
  passPauseMs,
  withNewToken,
} from '../domain/hook-progress.ts';
import { elapsedMs } from '../domain/stamp.ts';
import { remainingMs, type Token } from '../domain/token.ts';
import type { HookMeter } from '../platform/metrics/hook-metrics.ts';
import type { Clock } from '../ports/clock.ts';
import type { Log } from '../ports/log.ts';
import type { Random } from '../ports/random.ts';
import type { HookMemory } from './hooks/hook-memory.ts';
import { type Hook, type HookResult, hookNames, type RunHook } from './hooks/hook.ts';

interface HookSetParts {
  readonly agent: string;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  readonly memory: Pick<HookMemory, 'doneFor' | 'save' | 'close'>;
  readonly run: RunHook;
  /** The paths of the agent's token files. */
  readonly files: () => readonly string[];
  readonly meter: (name: string, kind: Hook['kind']) => HookMeter;
  /** Told when a hook keeps failing, and again when it then fails in another way. */
  readonly onFailing: (name: string, reason: string) => void;
  /** Told when it has succeeded after that. */
  readonly onWorking: (name: string) => void;
  /** The hook is not configured any more; what was said against it is over. */
  readonly onDropped: (name: string) => void;
}

/** One hook, with what does not depend on the token. */
interface Lane {
  readonly name: string;
  readonly hook: Hook;
  readonly meter: HookMeter;
  /** Why it failed last. */
  reason: string | null;
  /** What was told of it to people. */
  told: string | null;
}

/**
 * The hooks of one agent: in their order, one at a time, each once for every token that is in place, and again until it succeeds.
 * A newer token takes the place of an older one between two tries. Nothing waits for a hook.
 */
export class HookSet {
  readonly #parts: HookSetParts;
  readonly #givingUp = new AbortController();
  #lanes: readonly Lane[] = [];
  /** By lane. */
  #progress: readonly HookProgress[] = [];
  /** The one that hooks are for; null before the first and when it is known to be dead. */
  #token: Token | null = null;
  /** The newest that was ever in place. */
  #seen: string | null = null;
  #windowMs = 0;
  /** Where the pass is. */
  #next = 0;
  #isRunning = false;
  #work: Promise<void> = Promise.resolve();
  #cancelPause: () => void = () => {};
  #closed = false;

  constructor(hooks: readonly Hook[], parts: HookSetParts) {
    this.#parts = parts;
    this.#use(this.#lanesOf(hooks), () => newHook(false));
  }

  /**
   * All files of the agent hold this token. May be told again. `isWritten`: whether a file had to be written for that, or all held
   * it already. Never throws.
   */
  placed(token: Token, isWritten: boolean): void {
    if (this.#closed || token.fingerprint === this.#seen) return;
    const isFirst = this.#seen === null;
    const now = this.#parts.clock.now();
    this.#windowMs = remainingMs(this.#token ?? token, now);
    this.#seen = token.fingerprint;
    this.#token = token;
    this.#next = 0;
    this.#progress = withNewToken(this.#progress);
    if (this.#lanes.length === 0) return;
    if (isFirst && !isWritten) this.#start(() => this.#recall(token));
    else this.#start();
  }

  /** The token of this number, or one before it, is known to be dead: nobody needs to be told of it. */
  withdraw(sequence: number): void {
    if (this.#token === null || this.#token.sequence > sequence) return;
    this.#token = null;
    this.#cancelPause();
  }

  /**
   * Has these hooks from now on. Those that are meant as before go on undisturbed. The others wait for the next token, unless one
   * that goes has yet to succeed for this one: they may be what mends it.
   */
  replace(hooks: readonly Hook[]): void {
    const lanes = this.#lanesOf(hooks);
    const isLeft = this.#lanes.some((lane, index) => !lanes.includes(lane) && this.#progress[index]?.isDue);
    for (const lane of this.#lanes) if (!lanes.includes(lane)) this.#parts.onDropped(lane.name);
    this.#use(lanes, () => newHook(isLeft && this.#token !== null));
    this.#remember();
    this.#next = 0;
    if (isLeft) this.#start();
  }

  /** Starts no hook any more; one that runs is given up when `deadline` fires. */
  async close(deadline: AbortSignal): Promise<void> {
    this.#closed = true;
    this.#cancelPause();
    const giveUp = () => this.#givingUp.abort();
    if (deadline.aborted) giveUp();
    deadline.addEventListener('abort', giveUp, { once: true });
    await this.#work;
    deadline.removeEventListener('abort', giveUp);
    await this.#parts.memory.close();
  }

  #lanesOf(hooks: readonly Hook[]): readonly Lane[] {
    const names = hookNames(hooks);
    return hooks.map((hook, index) => {
      const name = names[index] ?? '';
      const known = this.#lanes.find((lane) => lane.name === name && isDeepStrictEqual(lane.hook, hook));
      return known ?? { name, hook, meter: this.#parts.meter(name, hook.kind), reason: null, told: null };
    });
  }

  #use(lanes: readonly Lane[], fresh: () => HookProgress): void {
    const before = this.#lanes;
    const progress = this.#progress;
    this.#progress = lanes.map((lane) => progress[before.indexOf(lane)] ?? fresh());
    this.#lanes = lanes;
  }

  #start(first: () => Promise<void> = async () => {}): void {
    this.#cancelPause();
    if (this.#closed || this.#isRunning) return;
    this.#isRunning = true;
    this.#work = first().then(() => this.#pass());
  }

  /** What an earlier life of the daemon did for this token need not be done again. */
  async #recall(token: Token): Promise<void> {
    const done = await this.#parts.memory.doneFor(token.fingerprint);
    if (this.#token !== token) return;
    this.#progress = this.#progress.map((hook, index) =>
      done.includes(this.#lanes[index]?.name ?? '') ? newHook(false) : hook,
    );
    if (nextHook(this.#progress, 0) === null)
      this.#parts.log.debug('hooks-done-before', { sequence: token.sequence });
  }

  async #pass(): Promise<void> {
    for (;;) {
      const index = nextHook(this.#progress, this.#next);
      if (index === null || this.#token === null || this.#closed) break;
      this.#next = index + 1;
      await this.#try(this.#lanes[index]!, this.#token);
    }
    // Nothing may come between the last look and this.
    this.#isRunning = false;
    this.#next = 0;
    if (this.#token === null || this.#closed) return;
    const { clock, random } = this.#parts;
    const pauseMs = passPauseMs(this.#progress, this.#windowMs, random.fraction());
    if (pauseMs !== null) this.#cancelPause = clock.after(pauseMs, () => this.#start());
  }

  async #try(lane: Lane, token: Token): Promise<void> {
    const { agent, clock, files, run } = this.#parts;
    const began = clock.now();
    const timeout = new AbortController();
    const cancel = clock.after(lane.hook.timeoutMs, () => timeout.abort());
    const signal = AbortSignal.any([timeout.signal, this.#givingUp.signal]);
    const call = { agent, token, files: files(), signal };
    const result = await Promise.race([run(lane.hook, call), givenUp(signal)]);
    cancel();
    if (this.#givingUp.signal.aborted) return;
    const tookMs = elapsedMs(began, clock.now());
    const outcome = result.ok ? 'succeeded' : timeout.signal.aborted ? 'timed-out' : 'failed';
    lane.meter.ended(outcome, tookMs, clock.now().wallMs);
    // A reload may have taken it away meanwhile.
    const index = this.#lanes.indexOf(lane);
    if (index === -1) return;
    if (result.ok) this.#succeeded(lane, index, token, tookMs);
    else this.#failed(lane, index, { token, began, result });
  }

  #succeeded(lane: Lane, index: number, token: Token, tookMs: number): void {
    const { log, onWorking } = this.#parts;
    const failures = this.#progress[index]?.failures ?? 0;
    log.info('hook-succeeded', {
      hook: lane.name,
      sequence: token.sequence,
      took_ms: Math.round(tookMs),
      ...(failures > 0 && { failures }),
    });
    if (lane.told !== null) onWorking(lane.name);
    lane.told = null;
    lane.reason = null;
    const done = afterSuccess(this.#progress, index);
    if (this.#token === token) this.#progress = done;
    // It works again, and is still to be run for the newer token.
    else this.#progress = this.#progress.with(index, newHook(this.#token !== null));
    this.#remember();
  }

  #failed(lane: Lane, index: number, failure: Failure): void {
    const { agent, clock, log, onFailing } = this.#parts;
    const { token, began, result } = failure;
    const { reason, output } = result;
    this.#progress = afterFailure(this.#progress, index, began);
    const progress = this.#progress[index]!;
    const fields = {
      hook: lane.name,
      sequence: token.sequence,
      failures: progress.failures,
      reason,
      ...(output !== undefined && output !== '' && { output }),
    };
    if (lane.reason === reason) log.debug('hook-failed', fields);
    else log.warn('hook-failed', fields);
    lane.reason = reason;
    if (lane.told === reason || !keepsFailing(progress, this.#windowMs, clock.now())) return;
    lane.told = reason;
    onFailing(
      lane.name,
      `the hook ${lane.name} of ${agent} keeps failing, and what it tells may go on with an older token: ${reason}; it is tried again`,
    );
  }

  #remember(): void {
    if (this.#token === null) return;
    const done = this.#lanes.filter((_, index) => this.#progress[index]?.isDue === false);
    this.#parts.memory.save(
      this.#token.fingerprint,
      done.map(({ name }) => name),
    );
  }
}

interface Failure {
  readonly token: Token;
  readonly began: ReturnType<Clock['now']>;
  readonly result: Extract<HookResult, { ok: false }>;
}

/** For a hook that does not even end when it is told to. */
function givenUp(signal: AbortSignal): Promise<HookResult> {
  const result = {
    ok: false,
    reason: 'took too long and was given up; see what it waits for, or raise its timeout',
  };
  return new Promise((resolve) => {
    // After what it says itself when it is told.
    signal.addEventListener('abort', () => setImmediate(() => resolve(result as HookResult)), { once: true });
  });
}
