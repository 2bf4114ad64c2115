import { firstLineOf } from '../domain/foreign-text.ts';
import { type HookProgress, keepsFailing } from '../domain/hook-progress.ts';
import { elapsedMs, type Stamp } from '../domain/stamp.ts';
import type { Token } from '../domain/token.ts';
import type { HookMeter } from '../platform/metrics/hook-metrics.ts';
import type { Clock } from '../ports/clock.ts';
import type { Log } from '../ports/log.ts';
import type { Hook, HookCall, HookResult, RunHook } from './hooks/hook.ts';

export interface HookLaneParts {
  readonly agent: string;
  readonly clock: Clock;
  readonly log: Log;
  readonly run: RunHook;
  /** The paths of the agent's token files. */
  readonly files: () => readonly string[];
  readonly meter: (name: string, kind: Hook['kind']) => HookMeter;
  /** Told when a hook keeps failing, and again when it then fails in another way. */
  readonly onFailing: (name: string, summary: string) => void;
  /** Told when it has succeeded after that. */
  readonly onWorking: (name: string) => void;
}

/** A try that has ended by itself or by its timeout. */
export interface Tried {
  readonly token: Token;
  readonly began: Stamp;
  readonly tookMs: number;
  readonly result: HookResult;
}

/** Characters of what a program said that an alert repeats. */
const longestQuote = 200;

type Failure = Extract<HookResult, { ok: false }>;

/** One hook: its tries, and what is told of them. What is to be done is for whoever has it. */
export class HookLane {
  readonly name: string;
  readonly hook: Hook;
  readonly #parts: HookLaneParts;
  readonly #meter: HookMeter;
  /** A try that was given up and has not come back. */
  #stuck: Promise<unknown> | null = null;
  /** Why it failed last. */
  #reason: string | null = null;
  /** What people were told of it, and not taken back. */
  #told: string | null = null;

  constructor(name: string, hook: Hook, parts: HookLaneParts) {
    this.name = name;
    this.hook = hook;
    this.#parts = parts;
    this.#meter = parts.meter(name, hook.kind);
  }

  /** Resolves to null where `signal` gave it up. Never rejects. */
  async try(token: Token, signal: AbortSignal): Promise<Tried | null> {
    const { agent, clock, files } = this.#parts;
    const began = clock.now();
    const timeout = new AbortController();
    const cancel = clock.after(this.hook.timeoutMs, () => timeout.abort());
    const either = AbortSignal.any([timeout.signal, signal]);
    const call = { agent, token, files: files(), signal: either };
    const result = this.#stuck === null ? await this.#run(call) : stuck;
    cancel();
    if (signal.aborted) return null;
    const tookMs = elapsedMs(began, clock.now());
    const outcome = timeout.signal.aborted ? 'timed-out' : 'failed';
    this.#meter.ended(result.ok ? 'succeeded' : outcome, tookMs, clock.now().wallMs);
    return { token, began, tookMs, result };
  }

  /** One at a time, even where it does not end when it is told to: what hangs in the kernel holds a thread of ours. */
  async #run(call: HookCall): Promise<HookResult> {
    const running = this.#parts.run(this.hook, call);
    this.#stuck = running;
    void running.then(() => (this.#stuck = null));
    return Promise.race([running, givenUp(call.signal)]);
  }

  /** `failures`: the tries before it that failed. */
  tellSuccess({ token, tookMs }: Tried, failures: number): void {
    const { log, onWorking } = this.#parts;
    log.info('hook-succeeded', {
      hook: this.name,
      sequence: token.sequence,
      took_ms: Math.round(tookMs),
      ...(failures > 0 && { failures }),
    });
    if (this.#told !== null) onWorking(this.name);
    this.#told = null;
    this.#reason = null;
  }

  /** `progress` is after it. `windowMs` as for {@link keepsFailing}. */
  tellFailure(
    { token: { sequence } }: Tried,
    { reason, output }: Failure,
    progress: HookProgress,
    windowMs: number,
  ): void {
    const { agent, clock, log, onFailing } = this.#parts;
    const { failures } = progress;
    const fields = { hook: this.name, sequence, failures, reason, ...(output !== '' && { output }) };
    if (this.#reason === reason) log.debug('hook-failed', fields);
    else log.warn('hook-failed', fields);
    this.#reason = reason;
    if (this.#told === reason || !keepsFailing(progress, windowMs, clock.now())) return;
    this.#told = reason;
    const said = `${reason}${firstLineOf(output, longestQuote)}`;
    const effect = 'so what it tells may go on with an older token';
    onFailing(
      this.name,
      `the hook ${this.name} of ${agent} keeps failing, ${effect}: ${said}; it is tried again`,
    );
  }
}

const stuck: Failure = {
  ok: false,
  reason:
    'the try before was given up and has not ended yet, so that no other one is begun; see what it waits for',
  output: '',
};

/** For a hook that does not even end when it is told to. */
function givenUp(signal: AbortSignal): Promise<Failure> {
  const reason = 'took too long and was given up; see what it waits for, or raise its timeout';
  return new Promise((resolve) => {
    // What it says itself when it is told comes first.
    const giveUp = () => setImmediate(() => resolve({ ok: false, reason, output: '' }));
    signal.addEventListener('abort', giveUp, { once: true });
  });
}
