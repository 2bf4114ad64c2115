import { describe, expect, it } from 'vitest';
import { LearnedOwner } from '../../../src/outputs/learned-owner.ts';

const ours = { uid: 7, gid: 7 };
const other = { uid: 7, gid: 8 };

describe('the owner that our files should have', () => {
  it.each([
    ['is that of the first file', [ours], ours],
    ['is not that of one odd file', [ours, other], ours],
    ['nor of several that are not in a row', [ours, other, ours, other], ours],
    ['changes with two in a row, as in a folder of another group', [ours, other, other], other],
    ['is not known before there was a file', [null], null],
    ['is not forgotten when a file is gone at once', [ours, null], ours],
  ])('%s', (_name, written, expected) => {
    const owner = new LearnedOwner();
    expect(written.map((each) => owner.learn(each)).at(-1)).toEqual(expected);
  });
});
