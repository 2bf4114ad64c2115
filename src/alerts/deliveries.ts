import type { ChannelMeter } from '../platform/metrics/alert-metrics.ts';
import type { AlertChannel, AlertNotice } from '../ports/alert-channel.ts';
import { ChannelQueue, type QueueParts } from './channel-queue.ts';
import { type Audience, type Episode, noticeOf } from './episode.ts';

export interface DeliveryParts extends Omit<QueueParts, 'standing' | 'meter'> {
  readonly meter: (channel: string) => ChannelMeter;
  /** The channel is configured no more. */
  readonly forget: (channel: string) => void;
}

/** What a set of channels is to be told. */
interface Told {
  readonly episodes: () => readonly Episode[];
  /** A channel has taken a notice, or will never be told of the episode. */
  readonly changed: (episode: Episode) => void;
}

/** The channels, each with its queue, and which of them has heard of which episode. */
export class Deliveries {
  readonly #parts: DeliveryParts;
  readonly #told: Told;
  readonly #queues = new Map<string, ChannelQueue>();

  constructor(channels: readonly AlertChannel[], parts: DeliveryParts, told: Told) {
    this.#parts = parts;
    this.#told = told;
    for (const channel of channels) this.#add(channel);
  }

  isRecord(name: string): boolean {
    return this.#queues.get(name)?.isRecord === true;
  }

  has(name: string): boolean {
    return this.#queues.has(name);
  }

  /** Tells those channels of the beginning that were not told yet. */
  fire(episode: Episode, to: Audience): void {
    for (const [name, queue] of this.#queues) {
      const isMeant = to === 'all' || queue.isRecord === (to === 'records');
      if (isMeant && !episode.sentTo.has(name)) this.#fire(episode, name, queue);
    }
  }

  /** Tells its end to those that were told, or are about to be told, of its beginning. */
  resolve(episode: Episode): void {
    for (const name of episode.sentTo) {
      const ended = () => {
        episode.sentTo.delete(name);
        episode.toldTo.delete(name);
        this.#told.changed(episode);
      };
      this.#queues.get(name)?.push({ notice: noticeOf(episode, 'resolved'), episode, ended });
    }
  }

  /** Something stands that channels were told of by the process before. */
  keepUp(): void {
    for (const queue of this.#queues.values()) queue.keepUp();
  }

  /** One of the same name goes on with what it has to tell. */
  async use(channels: readonly AlertChannel[], gone: AbortSignal): Promise<void> {
    const names = new Set(channels.map(({ name }) => name));
    const closed = [...this.#queues].filter(([name]) => !names.has(name));
    for (const [name] of closed) {
      this.#queues.delete(name);
      this.#parts.forget(name);
      for (const episode of this.#told.episodes()) {
        episode.sentTo.delete(name);
        episode.toldTo.delete(name);
        this.#told.changed(episode);
      }
    }
    for (const channel of channels) {
      const known = this.#queues.get(channel.name);
      if (known === undefined) this.#add(channel);
      else known.use(channel);
    }
    await Promise.all(closed.map(([, queue]) => queue.close(gone)));
  }

  async close(deadline: AbortSignal): Promise<void> {
    await Promise.all([...this.#queues.values()].map((queue) => queue.close(deadline)));
  }

  #add(channel: AlertChannel): void {
    const { name } = channel;
    const { clock, random, log, meter } = this.#parts;
    const standing = (): readonly AlertNotice[] =>
      this.#told
        .episodes()
        .filter(({ endedAt, toldTo }) => endedAt === null && toldTo.has(name))
        .map((episode) => noticeOf(episode, 'firing'));
    this.#queues.set(name, new ChannelQueue(channel, { clock, random, log, standing, meter: meter(name) }));
  }

  #fire(episode: Episode, name: string, queue: ChannelQueue): void {
    episode.sentTo.add(name);
    const ended = (taken: boolean) => {
      if (taken) episode.toldTo.add(name);
      else episode.sentTo.delete(name);
      this.#told.changed(episode);
    };
    queue.push({ notice: noticeOf(episode, 'firing'), episode, ended });
  }
}
