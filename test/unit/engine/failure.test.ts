import { describe, expect, it } from 'vitest';
import { TokenwardError } from '../../../src/domain/errors.ts';
import { failureOf } from '../../../src/engine/failure.ts';

const errno = (code: string) => Object.assign(new Error(`${code}: no such luck`), { code });

describe('the failure of a port', () => {
  it.each([
    [
      'one of ours keeps its code',
      new TokenwardError('STORE_LOCKED', 'unlock it'),
      'STORE_LOCKED',
      /^unlock it$/,
    ],
    [
      'a full disk gets words that help',
      errno('ENOSPC'),
      'STORE_UNAVAILABLE',
      /the disk is full.*\(ENOSPC\)/,
    ],
    ['so does a read-only one', errno('EROFS'), 'STORE_UNAVAILABLE', /read-only.*\(EROFS\)/],
    ['a broken one', errno('EIO'), 'STORE_UNAVAILABLE', /input\/output.*\(EIO\)/],
    ['too few descriptors', errno('EMFILE'), 'STORE_UNAVAILABLE', /LimitNOFILE.*\(EMFILE\)/],
    [
      'and names the folder, not the file, whose name may be another one each time',
      Object.assign(errno('EACCES'), { path: '/state/agents/web-01/lock' }),
      'STORE_UNAVAILABLE',
      /permission denied.*\(EACCES in \/state\/agents\/web-01\)$/,
    ],
    ['another errno is told as it is', errno('EXDEV'), 'STORE_UNAVAILABLE', /EXDEV: no such luck/],
    ['what is no error at all', 'text', 'STORE_UNAVAILABLE', /^an unknown failure$/],
  ])('%s', (_what, error, code, detail) => {
    const failure = failureOf(error, 'STORE_UNAVAILABLE');
    expect(failure.code).toBe(code);
    expect(failure.detail).toMatch(detail);
  });
});
