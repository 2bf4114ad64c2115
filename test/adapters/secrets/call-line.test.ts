import { beforeEach, describe, expect, it } from 'vitest';
import { TokenwardError } from '../../../src/domain/errors.ts';
import { CallLine } from '../../../src/secrets/call-line.ts';

const { signal } = new AbortController();
let line: CallLine;
/** What began and how it ended, in order. */
let log: string[];

beforeEach(() => {
  line = new CallLine();
  log = [];
});

/** Starts waiting for a call that ends when the test says so. */
function call(name: string, waitSignal: AbortSignal = signal) {
  const work = Promise.withResolvers<string>();
  const task = () => {
    log.push(`${name} begins`);
    return work.promise;
  };
  const ended = line.run(task, waitSignal).then(
    () => log.push(`${name} done`),
    (error: unknown) => log.push(`${name}: ${error instanceof TokenwardError ? error.code : String(error)}`),
  );
  return { ...work, ended };
}

const failure = (code: 'STORE_HUNG' | 'STORE_LOCKED') => new TokenwardError(code, 'for the test');

describe('one call at a time', () => {
  it('in the order in which they came', async () => {
    const calls = ['first', 'second', 'third'].map((name) => call(name));
    for (const { resolve, ended } of calls) {
      resolve('ok');
      await ended;
    }
    expect(log).toEqual(['first', 'second', 'third'].flatMap((name) => [`${name} begins`, `${name} done`]));
  });

  it('also after one that failed', async () => {
    const first = call('first');
    const second = call('second');
    first.reject(failure('STORE_LOCKED'));
    second.resolve('ok');
    await second.ended;
    expect(log).toEqual(['first begins', 'first: STORE_LOCKED', 'second begins', 'second done']);
  });
});

it('tells everyone who waits behind a call that hung, and nobody who comes later', async () => {
  const first = call('first');
  const waiting = [call('second'), call('third')];
  first.reject(failure('STORE_HUNG'));
  await Promise.all(waiting.map(({ ended }) => ended));
  const later = call('later');
  later.resolve('ok');
  await later.ended;
  expect(log.filter((entry) => entry.endsWith('begins'))).toEqual(['first begins', 'later begins']);
  expect(log).toContain('second: STORE_HUNG');
  expect(log).toContain('third: STORE_HUNG');
  expect(log.at(-1)).toBe('later done');
});

it('lets one go that is aborted while it waits, and keeps the turn of the others', async () => {
  const controller = new AbortController();
  const first = call('first');
  const second = call('second', controller.signal);
  const third = call('third');
  controller.abort('shutting down');
  await second.ended;
  expect(log).toEqual(['first begins', 'second: shutting down']);
  first.resolve('ok');
  third.resolve('ok');
  await third.ended;
  expect(log.slice(2)).toEqual(['first done', 'third begins', 'third done']);
});

it('does not begin a call whose signal is aborted already', async () => {
  await call('first', AbortSignal.abort('too late')).ended;
  expect(log).toEqual(['first: too late']);
});
