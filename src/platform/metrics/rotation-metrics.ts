import type { Outcome } from '../../domain/outcome.ts';
import type { RotationStep } from '../../domain/rotation-step.ts';
import type { RotationEvent, RotationMeter } from '../../ports/rotation-meter.ts';
import { Counter } from './counter.ts';
import { Histogram } from './histogram.ts';
import { type MetricData, type MetricFamily, valuesOf } from './metric-data.ts';

const steps = valuesOf<RotationStep>({
  'locks-held': true,
  'store-read': true,
  'preflight-passed': true,
  connected: true,
  'intent-saved': true,
  'request-sent': true,
  'answer-received': true,
  'answer-saved': true,
  'answer-understood': true,
  'secret-saved': true,
  'session-saved': true,
  'token-published': true,
  'journal-closed': true,
});

const outcomes = valuesOf<Outcome['kind']>({
  granted: true,
  refused: true,
  misconfigured: true,
  'rate-limited': true,
  'server-trouble': true,
  'not-sent': true,
  'in-doubt': true,
});

/** How rotations go, step by step. */
export class RotationMetrics implements MetricFamily {
  readonly #steps = new Counter(
    'tokenward_rotation_steps_total',
    'Steps of rotations that succeeded, in the order of the label step in docs/metrics.md.',
  );
  readonly #failures = new Counter(
    'tokenward_rotation_step_failures_total',
    'Tries of a step of a rotation that failed. What saves a secret is tried until it succeeds.',
  );
  readonly #exchanges = new Counter('tokenward_exchanges_total', 'Exchanges that ended, by outcome.');
  readonly #durations = new Histogram(
    'tokenward_exchange_duration_seconds',
    'From sending an exchange to the end of its answer.',
    [0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 20],
  );
  readonly #persists = new Histogram(
    'tokenward_persist_duration_seconds',
    'From the last byte of an answer until it is durable, sealed and unread.',
    [0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1],
  );
  readonly #replays = new Counter(
    'tokenward_replays_total',
    'Exchanges that sent a secret again because nobody knew how the exchange before had ended.',
  );
  readonly #interruptions = new Counter(
    'tokenward_interrupted_exchanges_total',
    'Exchanges that a start found without an end: the process before had died in the middle.',
  );
  readonly #recommits = new Counter(
    'tokenward_secret_recommits_total',
    'Times the secret store was behind the journal and was given the newer secret again.',
  );
  readonly #handOvers = new Counter(
    'tokenward_hand_overs_total',
    'Secrets that were handed over, by whether they could be stored.',
  );
  readonly #verdicts = new Counter(
    'tokenward_hand_over_verdicts_total',
    'What the server said of secrets that were handed over.',
  );
  readonly #rejections = new Counter(
    'tokenward_token_rejections_total',
    'Tokens with which somebody was refused before their time, by what came of it.',
  );
  readonly #meters = new Map<string, RotationMeter>();

  /** The agent's meter: all its counters are shown from now on. */
  meter(agent: string): RotationMeter {
    const known = this.#meters.get(agent);
    if (known !== undefined) return known;
    const meter = this.#newMeter({ agent });
    this.#meters.set(agent, meter);
    return meter;
  }

  #newMeter(labels: { readonly agent: string }): RotationMeter {
    const done = this.#steps.seriesFor(steps, 'step', labels);
    const failed = this.#failures.seriesFor(steps, 'step', labels);
    const exchanges = this.#exchanges.seriesFor(outcomes, 'outcome', labels);
    const durations = this.#durations.series(labels);
    const persists = this.#persists.series(labels);
    const handOvers = this.#handOvers.seriesFor(['stored', 'failed'], 'result', labels);
    const verdicts = this.#verdicts.seriesFor(['granted', 'refused'], 'verdict', labels);
    const rejections = this.#rejections.seriesFor(
      ['reported', 'revoked', 'replaced', 'rejected_again', 'not_confirmed'],
      'result',
      labels,
    );
    const events: Readonly<Record<RotationEvent, { value: number }>> = {
      replayed: this.#replays.series(labels),
      interrupted: this.#interruptions.series(labels),
      recommitted: this.#recommits.series(labels),
      'hand-over-stored': handOvers.stored,
      'hand-over-failed': handOvers.failed,
      'hand-over-granted': verdicts.granted,
      'hand-over-refused': verdicts.refused,
      'token-reported': rejections.reported,
      'token-revoked': rejections.revoked,
      'token-replaced': rejections.replaced,
      'token-rejected-again': rejections['rejected_again'],
      'rejection-not-confirmed': rejections['not_confirmed'],
    };
    return {
      done: (step) => void (done[step].value += 1),
      failed: (step) => void (failed[step].value += 1),
      exchanged(outcome, seconds) {
        exchanges[outcome].value += 1;
        durations.observe(seconds);
      },
      persisted: (seconds) => persists.observe(seconds),
      happened: (event) => void (events[event].value += 1),
    };
  }

  forget(agent: string): void {
    this.#meters.delete(agent);
    for (const metric of this.#all()) metric.forget(agent);
  }

  read(): readonly MetricData[] {
    return this.#all().map((metric) => metric.read());
  }

  #all(): readonly (Counter | Histogram)[] {
    return [
      this.#steps,
      this.#failures,
      this.#exchanges,
      this.#durations,
      this.#persists,
      this.#replays,
      this.#interruptions,
      this.#recommits,
      this.#handOvers,
      this.#verdicts,
      this.#rejections,
    ];
  }
}
