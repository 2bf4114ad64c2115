import { describe, expect, it } from 'vitest';
import { chunksOf, countEnds, endsOfAnswer, mergeBulkAnswer } from '../../../src/domain/revocation.ts';

const names = (count: number) => Array.from({ length: count }, (_, at) => `name-${at}`);

describe('chunks', () => {
  it.each([
    [0, []],
    [1, [1]],
    [200, [200]],
    [201, [200, 1]],
    [450, [200, 200, 50]],
  ])('of %d names have the sizes %j', (count, sizes) => {
    const all = names(count);
    const chunks = chunksOf(all, 200);
    expect(chunks.map(({ length }) => length)).toEqual(sizes);
    expect(chunks.flat()).toEqual(all);
  });
});

describe('the end of a name', () => {
  const answer = { marked: ['a', 'both', 'stranger'], failed: ['b', 'both'], message: 'b is in use' };

  it('is what the server says of it, and a failure where it does not say, or says both', () => {
    expect(mergeBulkAnswer(['a', 'b', 'both', 'silent'], answer, false)).toEqual([
      { name: 'a', end: 'done', why: null },
      { name: 'b', end: 'failed', why: 'b is in use' },
      { name: 'both', end: 'failed', why: 'b is in use' },
      { name: 'silent', end: 'failed', why: 'the server did not say' },
    ]);
  });

  it('says so where the server gave no reason, and where it was asked again after a lost answer', () => {
    const mute = { ...answer, message: null };
    expect(mergeBulkAnswer(['b'], mute, false)[0]?.why).toBe('the server gave no reason');
    expect(mergeBulkAnswer(['b'], mute, true)[0]?.why).toBe(
      'the server gave no reason (asked again after a lost answer: it may have been done then)',
    );
  });

  it('is counted', () => {
    const ends = mergeBulkAnswer(['a', 'b', 'silent'], answer, false);
    expect(countEnds([...ends, { name: 'c', end: 'not-sent', why: null }])).toEqual({
      done: 1,
      failed: 2,
      notSent: 1,
    });
  });

  it('is told of every name that the server chose', () => {
    expect(endsOfAnswer(answer).map(({ name, end }) => `${name} ${end}`)).toEqual([
      'b failed',
      'both failed',
      'a done',
      'stranger done',
    ]);
  });
});
