import { describe, expect, it } from 'vitest';
import { maxSecretBytes, parseSecretInput } from '../../src/platform/secret-input.ts';
import { isKnownTag, prefersPlainText } from '../../src/serve/negotiation.ts';
import { durationParameter, parseParameters, splitTarget } from '../../src/serve/request-input.ts';

const parse = (text: string | Uint8Array) => parseSecretInput(Buffer.from(text), 'secret').reveal();

describe('splitTarget', () => {
  it.each([
    ['/v1/token', '/v1/token', ''],
    ['/v1/token?min_ttl=60s', '/v1/token', 'min_ttl=60s'],
    ['/v1/token?a=b?c', '/v1/token', 'a=b?c'],
    ['http://localhost/v1/token?a=b', '/v1/token', 'a=b'],
    ['HTTP://localhost:80/v1/token', '/v1/token', ''],
    ['*', '*', ''],
  ])('%s', (target, path, query) => {
    expect(splitTarget(target)).toEqual({ path, query });
  });
});

describe('parseParameters', () => {
  it('gives the known ones', () => {
    expect(parseParameters('wait=30s', ['wait']).get('wait')).toBe('30s');
  });

  it.each([
    ['min=1s', 'no parameter "min"; it takes wait'],
    ['wait=1s&wait=2s', 'given twice'],
  ])('refuses %s', (query, message) => {
    expect(() => parseParameters(query, ['wait'])).toThrow(
      expect.objectContaining({
        code: 'REQUEST_INVALID',
        message: expect.stringContaining(message) as string,
      }),
    );
  });
});

describe('durationParameter', () => {
  it.each([
    ['60s', 60_000],
    ['500ms', 500],
    ['5m', 300_000],
    ['1h30m', 5_400_000],
    ['2d', 172_800_000],
    ['0s', 0],
  ])('%s', (text, ms) => {
    expect(durationParameter(new Map([['wait', text]]), 'wait')).toBe(ms);
  });

  it('is null where it is not given', () => {
    expect(durationParameter(new Map(), 'wait')).toBeNull();
  });

  it.each(['', '60', 's', '-1s', '1.5s', '1 s', '60sec', '1e3s', '9999999999999s'])(
    'refuses "%s"',
    (text) => {
      expect(() => durationParameter(new Map([['wait', text]]), 'wait')).toThrow(
        expect.objectContaining({ code: 'REQUEST_INVALID' }),
      );
    },
  );
});

describe('prefersPlainText', () => {
  it.each([
    [undefined, false],
    ['*/*', false],
    ['text/plain', true],
    ['Text/Plain; charset=utf-8', true],
    ['text/*', true],
    ['text/plain, */*;q=0.1', true],
    ['application/json', false],
    ['text/plain;q=0.5, application/json', false],
    ['text/plain, application/json;q=0.5', true],
    ['text/plain, application/json', false],
    ['text/plain;q=0', false],
    ['image/png', false],
  ])('%s: %s', (accept, plain) => {
    expect(prefersPlainText(accept)).toBe(plain);
  });
});

describe('isKnownTag', () => {
  it.each([
    [undefined, false],
    ['"7"', true],
    ['W/"7"', true],
    ['*', true],
    ['"5", "6" , "7"', true],
    ['"6"', false],
    ['7', false],
    ['"77"', false],
  ])('%s: %s', (header, known) => {
    expect(isKnownTag(header, '"7"')).toBe(known);
  });
});

describe('parseSecretInput', () => {
  const longest = 'x'.repeat(maxSecretBytes);

  it.each([
    ['as it is', 'abc', 'abc'],
    ['one trailing newline trimmed', 'abc\n', 'abc'],
    ['spaces kept', ' a b ', ' a b '],
    ['text beyond ASCII', 'pässwörd', 'pässwörd'],
    ['the longest', `${longest}\n`, longest],
  ])('%s', (_case, text, secret) => {
    expect(parse(text)).toBe(secret);
  });

  it.each([
    ['nothing', ''],
    ['only a newline', '\n'],
    ['two trailing newlines', 'abc\n\n'],
    ['a line break of Windows', 'abc\r\n'],
    ['a line break inside', 'abc\ndef'],
    ['a tab', 'a\tb'],
    ['a zero', 'a\u0000b'],
    ['a delete character', 'a\u007Fb'],
    ['a control character beyond ASCII', 'a\u0085b'],
    ['bytes that are not UTF-8', Uint8Array.of(0x61, 0xff)],
    ['too much', `${longest}x`],
  ])('refuses %s without quoting it', (_case, text) => {
    expect(() => parse(text)).toThrow(
      expect.objectContaining({
        code: 'SECRET_INPUT_INVALID',
        message: expect.not.stringContaining('abc') as string,
      }),
    );
  });
});
