import { draw, fullBucket, untilDrawMs } from '../domain/bucket.ts';
import type { Bucket } from '../domain/journal-entry.ts';
import { logEvents, type LogEvent, type LogLevel } from '../domain/log-events.ts';
import type { Clock } from '../ports/clock.ts';
import type { Log, LogFields } from '../ports/log.ts';

/** So many lines of one limited event at once, and so many a minute. */
const linesPerMinute = 10;
/** Milliseconds from the first line that was held back until it is told how many there were. */
const tellAfterMs = 60_000;
/** Of how many users it is told that lines about them were held back. */
const mostUids = 10;

export interface LimitedLog extends Log {
  /** Tells what was held back and not told yet. */
  close(): void;
}

/**
 * A log in which peers and clients cannot bury what matters: of the events that `domain/log-events.ts` marks as limited only so
 * many are written, and a `log-suppressed` tells how many were not, and about whom.
 */
export function limitLog(log: Log, clock: Clock): LimitedLog {
  const limiter = new Limiter(log, clock);
  return { ...limited(log, limiter), close: () => limiter.close() };
}

/** The methods of a log by their level, for an event that another log's types have let in. */
type AnyLog = Readonly<Record<LogLevel, (event: LogEvent, fields?: LogFields) => void>>;

function limited(log: Log, limiter: Limiter): Log {
  const at = (level: LogLevel) => (event: LogEvent, fields?: LogFields) => {
    if (limiter.admits(level, event, fields)) (log as AnyLog)[level](event, fields);
  };
  return {
    debug: at('debug'),
    info: at('info'),
    warn: at('warn'),
    error: at('error'),
    child: (fields) => limited(log.child(fields), limiter),
  };
}

interface HeldBack {
  readonly level: LogLevel;
  count: number;
  readonly uids: Set<unknown>;
  readonly cancel: () => void;
}

class Limiter {
  readonly #log: Log;
  readonly #clock: Clock;
  readonly #buckets = new Map<LogEvent, Bucket>();
  readonly #heldBack = new Map<LogEvent, HeldBack>();

  constructor(log: Log, clock: Clock) {
    this.#log = log;
    this.#clock = clock;
  }

  admits(level: LogLevel, event: LogEvent, fields: LogFields = {}): boolean {
    if (!('limited' in logEvents[event])) return true;
    const now = this.#clock.now();
    const bucket = this.#buckets.get(event) ?? fullBucket(linesPerMinute, now);
    if (untilDrawMs(bucket, linesPerMinute, now) === 0) {
      this.#buckets.set(event, draw(bucket, linesPerMinute, now));
      return true;
    }
    const held = this.#heldBack.get(event) ?? this.#begin(level, event);
    held.count += 1;
    if (fields['uid'] != null && held.uids.size < mostUids) held.uids.add(fields['uid']);
    return false;
  }

  close(): void {
    for (const event of this.#heldBack.keys()) this.#tell(event);
  }

  #begin(level: LogLevel, event: LogEvent): HeldBack {
    const cancel = this.#clock.after(tellAfterMs, () => this.#tell(event));
    const held: HeldBack = { level, count: 0, uids: new Set(), cancel };
    this.#heldBack.set(event, held);
    return held;
  }

  #tell(event: LogEvent): void {
    const held = this.#heldBack.get(event);
    if (held === undefined) return;
    held.cancel();
    this.#heldBack.delete(event);
    (this.#log as AnyLog)[held.level]('log-suppressed', {
      event_suppressed: event,
      count: held.count,
      ...(held.uids.size > 0 && { uids: [...held.uids] }),
    });
  }
}
