import { describe, expect, it } from 'vitest';
import { type ErrorCode, TokenwardError } from '../../../src/domain/errors.ts';
import type { NameEnd } from '../../../src/domain/revocation.ts';
import { revokeMany, type RevocationRun } from '../../../src/operator/revoke-many.ts';

const names = ['a', 'b', 'c', 'd', 'e'];

/** Requests of two names; the one with that number, from 1, fails. */
async function run(failing: number, error: TokenwardError, stopAt = 0) {
  const stop = new AbortController();
  const sent: (readonly string[])[] = [];
  const told: NameEnd[] = [];
  const ended: RevocationRun = await revokeMany(names, {
    atOnce: 2,
    stop: stop.signal,
    told: (ends) => void told.push(...ends),
    revoke: async (chunk) => {
      sent.push(chunk);
      if (sent.length === stopAt) stop.abort();
      if (sent.length === failing) throw error;
      return chunk.map((name) => ({ name, end: 'done', why: null }));
    },
  });
  expect(ended.ends.map(({ name }) => name)).toEqual(names);
  return { ...ended, words: ended.ends.map(({ end }) => end).join(' '), sent, told };
}

const fail = (code: ErrorCode, status?: number) =>
  new TokenwardError(code, 'told', status === undefined ? {} : { fields: { status } });

describe('revoking many', () => {
  it('goes on after an objection to one request', async () => {
    const { words, sent, error, told, ends } = await run(2, fail('SERVER_REFUSED', 409));
    expect(words).toBe('done done failed failed done');
    expect(sent).toHaveLength(3);
    expect(error?.code).toBe('SERVER_REFUSED');
    expect(told).toEqual(ends);
  });

  it.each([
    [fail('SERVER_REFUSED', 403), 'done done failed failed not-sent'],
    [fail('SERVER_TROUBLE', 503), 'done done failed failed not-sent'],
    [fail('SERVER_UNREACHABLE'), 'done done not-sent not-sent not-sent'],
  ])('sends no more after what the next request would meet too', async (error, words) => {
    const ended = await run(2, error);
    expect(ended.words).toBe(words);
    expect(ended.sent).toHaveLength(2);
    expect(ended.interrupted).toBe(false);
  });

  it('ends with the request under way when it is stopped', async () => {
    const ended = await run(0, fail('INTERNAL'), 2);
    expect(ended.words).toBe('done done done done not-sent');
    expect(ended).toMatchObject({ interrupted: true, error: null });
  });

  it('was not interrupted where all were sent, though some failed', async () => {
    const ended = await run(2, fail('SERVER_REFUSED', 409), 3);
    expect(ended).toMatchObject({ words: 'done done failed failed done', interrupted: false });
  });

  it('was not interrupted by what came after the last request', async () => {
    expect(await run(0, fail('INTERNAL'), 3)).toMatchObject({
      words: 'done done done done done',
      interrupted: false,
    });
  });
});
