import { describe, expect, it } from 'vitest';
import { TokenwardError } from '../../../src/domain/errors.ts';
import { repeatedly, type Pause } from '../../../src/operator/repeat.ts';
import { ManualClock } from '../../fakes/manual-clock.ts';
import { SeededRandom } from '../../fakes/seeded-random.ts';

/** Patience under a clock of the test's. */
class Patience {
  readonly clock = new ManualClock();
  readonly stop = new AbortController();
  readonly abandon = new AbortController();
  readonly pauses: Pause[] = [];
  attempts = 0;
  afterLoss: boolean[] = [];

  /** Every attempt fails as told, in turn; then they succeed. */
  start(errors: readonly TokenwardError[], idempotent = true): Promise<string> {
    return repeatedly(
      async (_signal, afterLoss) => {
        const error = errors[this.attempts];
        this.attempts += 1;
        this.afterLoss.push(afterLoss);
        if (error !== undefined) throw error;
        return 'done';
      },
      idempotent,
      this.repetition(),
    );
  }

  repetition() {
    return {
      clock: this.clock,
      random: new SeededRandom(1),
      deadlineMs: 60_000,
      stop: this.stop.signal,
      abandon: this.abandon.signal,
      pausing: (pause: Pause) => void this.pauses.push(pause),
    };
  }
}

const away = new TokenwardError('SERVER_UNREACHABLE', 'away');
const limited = new TokenwardError('SERVER_RATE_LIMITED', 'too much', { retryAfterMs: 10_000 });
const lost = new TokenwardError('SERVER_TROUBLE', 'no answer came');

describe('work that is repeated', () => {
  it('succeeds after pauses, of which somebody is told', async () => {
    const patience = new Patience();
    const work = patience.start([away, limited]);
    await patience.clock.elapse(1_000);
    expect(patience.attempts).toBe(2);
    await patience.clock.elapse(9_000);
    expect(patience.attempts).toBe(2);
    await patience.clock.elapse(3_000);
    await expect(work).resolves.toBe('done');
    expect(patience.pauses.map(({ error, attempt }) => [error.code, attempt])).toEqual([
      ['SERVER_UNREACHABLE', 2],
      ['SERVER_RATE_LIMITED', 3],
    ]);
    expect(patience.afterLoss).toEqual([false, false, false]);
  });

  it('is told that an answer was lost', async () => {
    const patience = new Patience();
    const work = patience.start([lost, away]);
    await patience.clock.elapse(60_000);
    await work;
    expect(patience.afterLoss).toEqual([false, true, true]);
  });

  it('ends with the sixth failure', async () => {
    const patience = new Patience();
    const work = patience.start(Array.from({ length: 9 }, () => away));
    const ended = expect(work).rejects.toBe(away);
    await patience.clock.elapse(600_000);
    await ended;
    expect(patience.attempts).toBe(6);
  });

  it.each([
    ['a refusal', new TokenwardError('SERVER_REFUSED', 'no', { fields: { status: 403 } }), true],
    ['a lost answer, where twice is not once', lost, false],
  ])('ends at once after %s', async (_what, error, idempotent) => {
    const patience = new Patience();
    await expect(patience.start([error], idempotent)).rejects.toBe(error);
    expect(patience).toMatchObject({ attempts: 1, pauses: [] });
  });

  it('ends in a pause when it is stopped, and leaves no timer', async () => {
    const patience = new Patience();
    const ended = expect(patience.start([limited])).rejects.toBe(limited);
    await patience.clock.elapse(1_000);
    patience.stop.abort();
    await ended;
    expect(patience.attempts).toBe(1);
    expect(patience.clock.nextDueInMs()).toBeNull();
  });

  it('breaks off an attempt at its deadline, and when it is abandoned', async () => {
    const reasons: unknown[] = [];
    const hang = (signal: AbortSignal) =>
      new Promise<never>((_resolve, reject) => {
        signal.addEventListener('abort', () => {
          reasons.push((signal.reason as Error).name);
          reject(lost);
        });
      });
    const patience = new Patience();
    const ended = expect(repeatedly(hang, true, patience.repetition())).rejects.toBe(lost);
    await patience.clock.elapse(60_000);
    expect(reasons).toEqual(['TimeoutError']);
    await patience.clock.elapse(1_000);
    patience.abandon.abort();
    await ended;
    expect(reasons).toEqual(['TimeoutError', 'AbortError']);
  });
});
