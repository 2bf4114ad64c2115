import type { AlertStatus } from '../domain/status.ts';
import type { AlertChannel, AlertNotice } from '../ports/alert-channel.ts';
import { ChannelQueue, type QueueParts } from './channel-queue.ts';
import { compareAlerts } from './episodes.ts';

/**
 * Turns the alerts that stand for each agent into notices: every channel is told of each episode once when it begins and
 * once when it ends. A channel that is down delays no other, and nobody who calls.
 */
export class AlertRouter {
  readonly #queues: readonly ChannelQueue[];
  /** As they were when their episode began, so that both notices of an episode say the same. */
  readonly #standing = new Map<string, readonly AlertStatus[]>();

  constructor(channels: readonly AlertChannel[], parts: QueueParts) {
    this.#queues = channels.map((channel) => new ChannelQueue(channel, parts));
  }

  /** Takes all alerts that stand for the agent now. May be called as often as one likes; an empty list ends them all. */
  update(agent: string, alerts: readonly AlertStatus[]): void {
    const before = this.#standing.get(agent) ?? [];
    const { ended, began } = compareAlerts(before, alerts);
    this.#standing.set(agent, [...before.filter((alert) => !ended.includes(alert)), ...began]);
    for (const alert of ended) this.#tell({ ...alert, agent, status: 'resolved' });
    for (const alert of began) this.#tell({ ...alert, agent, status: 'firing' });
  }

  /** Takes no more updates; resolves when the channels have taken what was pending, or `deadline` fires. Alerts are not resolved by it. */
  async close(deadline: AbortSignal): Promise<void> {
    await Promise.all(this.#queues.map((queue) => queue.close(deadline)));
  }

  #tell(notice: AlertNotice): void {
    for (const queue of this.#queues) queue.push(notice);
  }
}
