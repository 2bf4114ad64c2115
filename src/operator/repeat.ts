import { asTokenwardError, type TokenwardError } from '../domain/errors.ts';
import { isWorthRepeating, mostAttempts, pauseBeforeRepeating } from '../domain/repetition.ts';
import { pause } from '../platform/pause.ts';
import type { Clock } from '../ports/clock.ts';
import type { Random } from '../ports/random.ts';

/** What somebody who waits is told: why, and for how many milliseconds. */
export interface Pause {
  readonly error: TokenwardError;
  readonly pauseMs: number;
  /** The number of the attempt that follows it, from 2. */
  readonly attempt: number;
}

export interface Repetition {
  readonly clock: Clock;
  readonly random: Random;
  /** Milliseconds for one attempt. */
  readonly deadlineMs: number;
  /** Ends a pause, and lets no further attempt begin. */
  readonly stop: AbortSignal;
  /** Breaks off the attempt under way. */
  readonly abandon: AbortSignal;
  readonly pausing: (pause: Pause) => void;
}

/**
 * Attempts it until it succeeds, or is not worth another try; `idempotent` says whether doing it twice is the same as doing it
 * once, and `afterLoss` that an answer to an earlier attempt was lost. Rejects with the last failure.
 */
export async function repeatedly<Result>(
  attempt: (signal: AbortSignal, afterLoss: boolean) => Promise<Result>,
  idempotent: boolean,
  { clock, random, deadlineMs, stop, abandon, pausing }: Repetition,
): Promise<Result> {
  let afterLoss = false;
  for (let failures = 1; ; failures += 1) {
    try {
      return await withDeadline(clock, deadlineMs, abandon, (signal) => attempt(signal, afterLoss));
    } catch (thrown) {
      const error = asTokenwardError(thrown);
      const isOver = stop.aborted || abandon.aborted || failures === mostAttempts;
      if (isOver || !isWorthRepeating(error, idempotent)) throw error;
      afterLoss ||= error.code === 'SERVER_TROUBLE';
      const pauseMs = pauseBeforeRepeating(failures, error, random.fraction());
      pausing({ error, pauseMs, attempt: failures + 1 });
      // a stop ends the pause, and then the loop
      await pause(clock, pauseMs, stop).catch(() => {});
      if (stop.aborted) throw error;
    }
  }
}

async function withDeadline<Result>(
  clock: Clock,
  deadlineMs: number,
  abandon: AbortSignal,
  work: (signal: AbortSignal) => Promise<Result>,
): Promise<Result> {
  const late = new AbortController();
  const cancel = clock.after(deadlineMs, () => late.abort(new DOMException('too late', 'TimeoutError')));
  try {
    return await work(AbortSignal.any([abandon, late.signal]));
  } finally {
    cancel();
  }
}
