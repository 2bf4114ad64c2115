import { TokenwardError } from '../domain/errors.ts';
import { backoffMs } from '../domain/schedule.ts';
import type { AlertChannel, AlertNotice } from '../ports/alert-channel.ts';
import type { Clock } from '../ports/clock.ts';
import type { Log, LogFields } from '../ports/log.ts';
import type { Random } from '../ports/random.ts';
import { isIdentical } from './episodes.ts';

const longestPauseMs = 60_000;
/** A try that takes longer is given up. */
const tryDeadlineMs = 30_000;
/** Notices kept for a channel that is down; beyond it, episodes that have ended meanwhile go untold. */
const queueLimit = 256;

export interface QueueParts {
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
}

interface Failure {
  readonly error: unknown;
}

/** The notices that one channel has yet to take: in order, one at a time, each tried until it is taken. */
export class ChannelQueue {
  readonly #channel: AlertChannel;
  readonly #parts: QueueParts;
  readonly #log: Log;
  readonly #givingUp = new AbortController();
  #waiting: readonly AlertNotice[] = [];
  #delivering = false;
  #delivered: Promise<void> = Promise.resolve();
  #cancelPause: (() => void) | null = null;
  #failures = 0;
  #closed = false;

  constructor(channel: AlertChannel, parts: QueueParts) {
    this.#channel = channel;
    this.#parts = parts;
    this.#log = parts.log.child({ channel: channel.name });
  }

  /** Returns at once, whatever state the channel is in. */
  push(notice: AlertNotice): void {
    if (this.#closed) return;
    this.#waiting = this.#trimmed([...this.#waiting, notice]);
    if (this.#cancelPause === null) this.#deliver();
  }

  /** Takes no more notices. What waits is tried a last time; what is left then, or when `deadline` fires, is lost. */
  async close(deadline: AbortSignal): Promise<void> {
    this.#closed = true;
    const giveUp = (): void => this.#givingUp.abort();
    if (deadline.aborted) giveUp();
    deadline.addEventListener('abort', giveUp, { once: true });
    this.#resume();
    await this.#delivered;
    deadline.removeEventListener('abort', giveUp);
    this.#cancelPause?.();
    if (this.#waiting.length > 0) this.#log.warn('alerts-undelivered', { count: this.#waiting.length });
  }

  #deliver(): void {
    if (this.#delivering) return;
    this.#delivering = true;
    this.#delivered = this.#deliverAll();
  }

  async #deliverAll(): Promise<void> {
    let failure: Failure | null = null;
    while (failure === null && !this.#givingUp.signal.aborted) {
      const [head, ...rest] = this.#waiting;
      if (head === undefined) break;
      // Out of the queue while it is under way, so that trimming cannot take it.
      this.#waiting = rest;
      failure = await this.#try(head);
      if (failure === null) this.#succeed();
      else this.#waiting = [head, ...this.#waiting];
    }
    this.#delivering = false;
    if (failure !== null) this.#pause(failure);
  }

  async #try(notice: AlertNotice): Promise<Failure | null> {
    const overdue = new AbortController();
    const cancel = this.#parts.clock.after(tryDeadlineMs, () => overdue.abort());
    try {
      await this.#channel.deliver(notice, AbortSignal.any([overdue.signal, this.#givingUp.signal]));
      return null;
    } catch (error) {
      return { error };
    } finally {
      cancel();
    }
  }

  #succeed(): void {
    if (this.#failures > 0) this.#log.info('alert-channel-works-again');
    this.#failures = 0;
  }

  #pause({ error }: Failure): void {
    const { clock, random } = this.#parts;
    this.#failures += 1;
    if (this.#failures === 1) this.#log.warn('alert-channel-failed', describe(error));
    if (this.#closed) return;
    this.#cancelPause = clock.after(backoffMs(this.#failures, longestPauseMs, random.fraction()), () =>
      this.#resume(),
    );
  }

  #resume(): void {
    this.#cancelPause?.();
    this.#cancelPause = null;
    this.#deliver();
  }

  /** Within the limit, as far as dropping the oldest episodes that nobody has heard of can do it. What still stands is never dropped. */
  #trimmed(notices: readonly AlertNotice[]): readonly AlertNotice[] {
    if (notices.length <= queueLimit) return notices;
    const begin = notices.find(
      (one) => one.status === 'firing' && notices.some((other) => endsEpisode(other, one)),
    );
    if (begin === undefined) return notices;
    const end = notices.find((notice) => endsEpisode(notice, begin));
    this.#log.warn('alert-episode-dropped', { agent: begin.agent, code: begin.code, since: begin.since });
    return notices.filter((notice) => notice !== begin && notice !== end);
  }
}

function endsEpisode(notice: AlertNotice, begin: AlertNotice): boolean {
  return notice.status === 'resolved' && notice.agent === begin.agent && isIdentical(notice, begin);
}

/** The text of a foreign error may carry a URL with a key in it, so only its name is told. */
function describe(error: unknown): LogFields {
  if (error instanceof TokenwardError) return { code: error.code, reason: error.message };
  return { reason: error instanceof Error ? error.name : 'unknown' };
}
