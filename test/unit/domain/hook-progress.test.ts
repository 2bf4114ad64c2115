import { describe, expect, it } from 'vitest';
import {
  afterFailure,
  afterFailureForOlder,
  afterSuccess,
  type HookProgress,
  keepsFailing,
  newHook,
  nextHook,
  passPauseMs,
  withNewToken,
} from '../../../src/domain/hook-progress.ts';
import type { Stamp } from '../../../src/domain/stamp.ts';

const at = (seconds: number): Stamp => ({ bootId: 'boot', bootMs: seconds * 1000, wallMs: seconds * 1000 });
const due = (hooks: readonly HookProgress[]) => hooks.map(({ isDue }) => isDue);
const three = withNewToken([newHook(false), newHook(false), newHook(false)]);

/** Tries that failed at these seconds. */
const failed = (...seconds: readonly number[]) =>
  seconds.reduce((hooks, second) => afterFailure(hooks, 0, at(second)), [
    newHook(true),
  ] as readonly HookProgress[])[0]!;

describe('the hooks of a token', () => {
  it('have their turns in order, each once', () => {
    let hooks = three;
    expect(nextHook(hooks, 0)).toBe(0);
    hooks = afterSuccess(hooks, 0);
    expect(nextHook(hooks, 1)).toBe(1);
    hooks = afterSuccess(afterSuccess(hooks, 1), 2);
    expect([nextHook(hooks, 0), passPauseMs(hooks, 60_000, 0.5)]).toEqual([null, null]);
  });

  it('go on behind one that fails, which alone comes again', () => {
    const hooks = afterSuccess(afterSuccess(afterFailure(three, 0, at(1)), 1), 2);
    expect([nextHook(hooks, 1), nextHook(hooks, 0)]).toEqual([null, 0]);
  });

  it('run again behind one that succeeds late: they may need what it makes', () => {
    const first = afterSuccess(afterSuccess(afterFailure(three, 1, at(1)), 0), 2);
    expect(due(first)).toEqual([false, true, false]);
    const late = afterSuccess(first, 1);
    expect(due(late)).toEqual([false, false, true]);
    expect(due(afterSuccess(late, 2))).toEqual([false, false, false]);
  });

  it('are all due for a newer token, which does not make a failing one well', () => {
    const hooks = withNewToken(afterFailure(afterSuccess(three, 1), 0, at(1)));
    expect(due(hooks)).toEqual([true, true, true]);
    expect(hooks[0]).toMatchObject({ failures: 1, failingSince: at(1) });
    // not late for this one: nothing behind it has run without it
    expect(due(afterSuccess(hooks, 0))).toEqual([false, true, true]);
  });

  it('are overtaken by those behind, where one fails until there is a newer token, and these run again', () => {
    let hooks = afterFailureForOlder(afterFailure(afterSuccess(three, 0), 1, at(1)), 1);
    expect([due(hooks), nextHook(hooks, 2)]).toEqual([[true, true, true], 2]);
    hooks = afterSuccess(hooks, 2);
    expect(due(afterSuccess(hooks, 0))).toEqual([false, true, true]);
    expect(due(afterSuccess(afterSuccess(hooks, 0), 1))).toEqual([false, false, true]);
  });
});

describe('a hook keeps failing', () => {
  const window = 400_000;

  it.each([
    ['never, where it does not fail', newHook(true), 1_000, false],
    ['not at the first failures', failed(0, 1, 2, 3, 4, 5, 6), 7, false],
    ['at the eighth', failed(0, 1, 2, 3, 4, 5, 6, 7), 7, true],
    ['not before a quarter of the time of the old token is over', failed(0, 60), 99.9, false],
    ['when it is', failed(0, 60), 100, true],
  ])('%s', (_, hook, seconds, expected) => {
    expect(keepsFailing(hook, window, at(seconds))).toBe(expected);
  });

  it('at once, where shippers have no time any more', () => {
    expect(keepsFailing(failed(5), 0, at(5))).toBe(true);
  });
});

describe('the pause before the next pass', () => {
  it('grows with the failures of the youngest trouble, within a tenth of the time that is left', () => {
    const draw = 0.999_999;
    const pause = (failures: number, window: number) =>
      passPauseMs(
        [
          { ...newHook(true), failures },
          { ...newHook(true), failures: 30 },
        ],
        window,
        draw,
      );
    expect([pause(1, 450_000), pause(2, 450_000), pause(20, 450_000)]).toEqual([999, 1_999, 44_999]);
    expect([pause(20, 1e9), pause(20, 1_000)]).toEqual([59_999, 9_999]);
  });

  it('may be any shorter: all hosts of a site fail together', () => {
    expect(passPauseMs([newHook(true)], 60_000, 0)).toBe(0);
  });
});
