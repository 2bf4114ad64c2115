import { describe, expect, it } from 'vitest';
import { PendingReplies } from '../../../src/engine/pending-replies.ts';
import { codeOf } from '../../fakes/agent-world.ts';
import { SeededRandom } from '../../fakes/seeded-random.ts';

const { signal } = new AbortController();
const refused = { code: 'HANDOVER_REFUSED', detail: 'no', retryAfterMs: null } as const;
const busy = { code: 'RATE_LIMITED', detail: 'later', retryAfterMs: 5_000 } as const;

function opened(given = signal) {
  const replies = new PendingReplies(new SeededRandom(1));
  return { replies, pending: replies.open(['stored', 'judged'], given) };
}

describe('a caller who waits', () => {
  it('gets an answer for each topic', async () => {
    const { replies, pending } = opened();
    replies.settle({ do: 'reply', request: pending.request, topic: 'stored', error: null });
    await expect(pending.reply('stored')).resolves.toBeUndefined();
    replies.settle({ do: 'reply', request: pending.request, topic: 'judged', error: refused });
    await expect(pending.reply('judged')).rejects.toMatchObject({
      code: 'HANDOVER_REFUSED',
      message: 'no',
      retryAfterMs: null,
    });
  });

  it('learns when to come back', async () => {
    const { replies, pending } = opened();
    replies.settle({ do: 'reply', request: pending.request, topic: 'stored', error: busy });
    await expect(pending.reply('stored')).rejects.toMatchObject({
      code: 'RATE_LIMITED',
      retryAfterMs: 5_000,
    });
  });

  it('is told once, and nobody else is', async () => {
    const { replies, pending } = opened();
    const other = replies.open(['stored'], signal);
    expect(other.request).not.toBe(pending.request);
    replies.settle({ do: 'reply', request: pending.request, topic: 'stored', error: null });
    replies.settle({ do: 'reply', request: pending.request, topic: 'stored', error: refused });
    replies.settle({ do: 'reply', request: 'unknown', topic: 'stored', error: refused });
    await expect(pending.reply('stored')).resolves.toBeUndefined();
    replies.settle({ do: 'reply', request: other.request, topic: 'stored', error: null });
    await expect(other.reply('stored')).resolves.toBeUndefined();
  });

  it.each([
    ['when it goes away', (abort: AbortController) => opened(abort.signal).pending],
    [
      'at once where it went before',
      (abort: AbortController) => (abort.abort(), opened(abort.signal).pending),
    ],
  ])('is let go %s', async (_what, open) => {
    const abort = new AbortController();
    const pending = open(abort);
    abort.abort();
    expect(await codeOf(pending.reply('stored'))).toBe('SHUTTING_DOWN');
    expect(await codeOf(pending.reply('judged'))).toBe('SHUTTING_DOWN');
  });
});
