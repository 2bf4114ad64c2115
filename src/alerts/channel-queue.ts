import { TokenwardError } from '../domain/errors.ts';
import { backoffMs } from '../domain/schedule.ts';
import type { ChannelMeter } from '../platform/metrics/alert-metrics.ts';
import type { AlertChannel, AlertNotice } from '../ports/alert-channel.ts';
import type { Clock } from '../ports/clock.ts';
import type { Log, LogFields } from '../ports/log.ts';
import type { Random } from '../ports/random.ts';

const longestPauseMs = 60_000;
/** A server that asks for more patience gets that much. */
const longestPatienceMs = 5 * 60_000;
/** A try that takes longer is given up, where the channel says nothing else. */
const tryDeadlineMs = 30_000;
/** Notices kept for a channel that is down; beyond it, episodes that have ended meanwhile go untold. */
const queueLimit = 256;

export interface QueueParts {
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  /** All that the channel knows to stand: what it is told again where it wants that. */
  readonly standing: () => readonly AlertNotice[];
  readonly meter: ChannelMeter;
}

/** A notice on its way. */
export interface QueueItem {
  readonly notice: AlertNotice;
  /** What its other notice has too. */
  readonly episode: object;
  /** Whether it was taken in the end, or dropped untold. */
  readonly ended: (taken: boolean) => void;
}

interface Failure {
  readonly error: unknown;
}

/** The notices that one channel has yet to take: in order, one at a time, each tried until it is taken. */
export class ChannelQueue {
  #channel: AlertChannel;
  readonly #parts: QueueParts;
  readonly #log: Log;
  readonly #givingUp = new AbortController();
  #waiting: readonly QueueItem[] = [];
  #delivering = false;
  #delivered: Promise<void> = Promise.resolve();
  #cancelPause: (() => void) | null = null;
  #cancelRepeat: (() => void) | null = null;
  #repeatDue = false;
  #failures = 0;
  #closed = false;

  constructor(channel: AlertChannel, parts: QueueParts) {
    this.#channel = channel;
    this.#parts = parts;
    this.#log = parts.log.child({ channel: channel.name });
  }

  get isRecord(): boolean {
    return this.#channel.isRecord === true;
  }

  /** Returns at once, whatever state the channel is in. */
  push(item: QueueItem): void {
    if (this.#closed) return;
    this.#waiting = this.#trimmed([...this.#waiting, item]);
    this.#count();
    if (this.#cancelPause === null) this.#deliver();
  }

  /** What waits goes by way of this channel from now on, and is tried at once. */
  use(channel: AlertChannel): void {
    this.#channel = channel;
    this.#resume();
  }

  /** Something stands that this channel knows of: it is told again in time. Harmless where that is planned already. */
  keepUp(): void {
    const { repeat } = this.#channel;
    if (repeat === undefined || this.#closed || this.#parts.standing().length === 0) {
      this.#cancelRepeat?.();
      this.#cancelRepeat = null;
      return;
    }
    if (this.#cancelRepeat !== null) return;
    this.#cancelRepeat = this.#parts.clock.after(repeat.everyMs, () => {
      this.#cancelRepeat = null;
      this.#repeatDue = true;
      if (this.#cancelPause === null) this.#deliver();
    });
  }

  /** Takes no more notices. What waits is tried a last time; what is left then, or when `deadline` fires, is lost. */
  async close(deadline: AbortSignal): Promise<void> {
    this.#closed = true;
    this.#cancelRepeat?.();
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
      if (head === undefined && !this.#repeatDue) break;
      // Out of the queue while it is under way, so that trimming cannot take it.
      this.#waiting = rest;
      failure = head === undefined ? await this.#repeat() : await this.#tell(head);
      if (failure === null) this.#succeed();
    }
    this.#delivering = false;
    this.#count();
    if (failure !== null) this.#pause(failure);
    this.keepUp();
  }

  async #tell(item: QueueItem): Promise<Failure | null> {
    const failure = await this.#try((signal) => this.#channel.deliver(item.notice, signal));
    if (failure === null) item.ended(true);
    else this.#waiting = [item, ...this.#waiting];
    return failure;
  }

  /** Never beside another delivery: an alert that has just ended must not be told to stand. */
  async #repeat(): Promise<Failure | null> {
    this.#repeatDue = false;
    const { repeat } = this.#channel;
    const notices = this.#parts.standing();
    if (repeat === undefined || notices.length === 0 || this.#closed) return null;
    const failure = await this.#try((signal) => repeat.deliver(notices, signal));
    this.#repeatDue = failure !== null;
    return failure;
  }

  async #try(deliver: (signal: AbortSignal) => Promise<void>): Promise<Failure | null> {
    const { clock, meter } = this.#parts;
    const overdue = new AbortController();
    const cancel = clock.after(this.#channel.deadlineMs ?? tryDeadlineMs, () => overdue.abort());
    try {
      await deliver(AbortSignal.any([overdue.signal, this.#givingUp.signal]));
      meter.ended('delivered');
      return null;
    } catch (error) {
      meter.ended('failed');
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
    const own = backoffMs(this.#failures, longestPauseMs, random.fraction());
    const asked = error instanceof TokenwardError ? (error.retryAfterMs ?? 0) : 0;
    this.#cancelPause = clock.after(Math.max(own, Math.min(asked, longestPatienceMs)), () => this.#resume());
  }

  #resume(): void {
    this.#cancelPause?.();
    this.#cancelPause = null;
    this.#deliver();
  }

  #count(): void {
    if (!this.#closed) this.#parts.meter.waiting(this.#waiting.length);
  }

  /** Within the limit, as far as dropping the oldest episodes that nobody has heard of can do it. What still stands is never dropped. */
  #trimmed(items: readonly QueueItem[]): readonly QueueItem[] {
    if (items.length <= queueLimit) return items;
    const begin = items.find(
      (one) =>
        one.notice.status === 'firing' &&
        items.some((other) => other !== one && other.episode === one.episode),
    );
    if (begin === undefined) return items;
    const { agent, code, since } = begin.notice;
    this.#log.warn('alert-episode-dropped', { agent, code, since });
    for (const item of items) if (item.episode === begin.episode) item.ended(false);
    return items.filter(({ episode }) => episode !== begin.episode);
  }
}

/** The text of a foreign error may carry a URL with a key in it, so only its name is told. */
function describe(error: unknown): LogFields {
  if (error instanceof TokenwardError) return { code: error.code, reason: error.message };
  return { reason: error instanceof Error ? error.name : 'unknown' };
}
