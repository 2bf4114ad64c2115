import { describe, expect, it } from 'vitest';
import type { Attempt } from '../../../src/domain/journal-entry.ts';
import type { Answer } from '../../../src/domain/outcome.ts';
import { Secret } from '../../../src/domain/secret.ts';
import { Line } from '../../../src/engine/line.ts';
import { ManualClock } from '../../fakes/manual-clock.ts';

const answer: Answer = { kind: 'http', status: 200, headers: {}, body: new Uint8Array(), complete: true };
const unanswered: Answer = { kind: 'unanswered', reason: 'timeout' };

/** An exchange with a deadline of 15 s that is under way, and the server's way to answer it. */
function underWay() {
  const clock = new ManualClock();
  const line = new Line(clock);
  const { promise, resolve } = Promise.withResolvers<Answer>();
  line.prepared({
    exchange: (_secret, _ttlMs, signal) => {
      signal.addEventListener('abort', () => resolve(unanswered));
      return promise;
    },
    close: async () => {},
  });
  const attempt = { deadlineMs: 15_000, ttlMs: 60_000 } as Attempt;
  return { clock, answered: resolve, outcome: line.exchange(attempt, new Secret('s3cret')) };
}

describe('an exchange', () => {
  it('is given up at its deadline', async () => {
    const { clock, outcome } = underWay();
    clock.advance(15_000);
    expect(await outcome).toEqual(unanswered);
  });

  it('takes an answer that lies unread when a timer comes late', async () => {
    const { clock, answered, outcome } = underWay();
    clock.suspend(15_200);
    answered(answer);
    clock.advance(200);
    expect(await outcome).toEqual(answer);
  });

  it('gets its whole time again after a sleep, however long that was', async () => {
    const { clock, answered, outcome } = underWay();
    clock.suspend(3_600_000);
    clock.advance(14_000);
    answered(answer);
    expect(await outcome).toEqual(answer);
  });

  it('is given up after a sleep, too', async () => {
    const { clock, outcome } = underWay();
    clock.suspend(3_600_000);
    clock.advance(15_000);
    expect(await outcome).toEqual(unanswered);
  });
});
