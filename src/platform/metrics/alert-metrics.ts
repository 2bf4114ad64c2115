import { Counter } from './counter.ts';
import { type MetricData, type MetricFamily, valuesOf } from './metric-data.ts';

export type DeliveryOutcome = 'delivered' | 'failed';

/** Counts for one channel of alerts. */
export interface ChannelMeter {
  /** A delivery ended: of one notice, or of all that stands where the channel is told again. */
  ended(outcome: DeliveryOutcome): void;
  /** So many notices wait. */
  waiting(count: number): void;
}

const outcomes = valuesOf<DeliveryOutcome>({ delivered: true, failed: true });

/** How notices of alerts go out. Which alerts stand is with the agents. */
export class AlertMetrics implements MetricFamily {
  readonly #deliveries = new Counter(
    'tokenward_alert_deliveries_total',
    'Deliveries to a channel of alerts that ended, by outcome. One that failed is tried again.',
  );
  readonly #queued = new Counter(
    'tokenward_alert_notices_queued',
    'Notices that a channel of alerts has yet to take.',
    'gauge',
  );

  /** The channel's meter: its counters are shown from now on. */
  meter(channel: string): ChannelMeter {
    const deliveries = this.#deliveries.seriesFor(outcomes, 'outcome', { channel });
    const queued = this.#queued.series({ channel });
    return {
      ended: (outcome) => void (deliveries[outcome].value += 1),
      waiting: (count) => void (queued.value = count),
    };
  }

  forgetChannel(channel: string): void {
    for (const metric of [this.#deliveries, this.#queued]) metric.forgetWhere('channel', channel);
  }

  read(): readonly MetricData[] {
    return [this.#deliveries.read(), this.#queued.read()];
  }
}
