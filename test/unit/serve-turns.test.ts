import { expect, it } from 'vitest';
import { Turns } from '../../src/serve/turns.ts';

/** Turns that begin when the test says so. */
function turns() {
  const planned: (() => void)[] = [];
  const made = new Turns((run) => planned.push(run));
  const begin = () => {
    const [next, ...others] = planned.splice(0);
    expect(others).toEqual([]);
    next?.();
    return next !== undefined;
  };
  /** Work for one user in as many turns as it takes; tells into `done` whose step was done. */
  const ask = (uid: number, done: number[]): void => {
    if (made.take(uid)) done.push(uid);
    else made.wait(uid, () => ask(uid, done));
  };
  return { turns: made, begin, ask };
}

const count = (done: readonly number[], uid: number) => done.filter((each) => each === uid).length;

it('hands out 64 steps to one user, and the rest in later turns, in order', () => {
  const { turns: made, begin } = turns();
  const done: number[] = [];
  for (let step = 0; step < 150; step += 1) {
    const ask = () => {
      if (made.take(1)) done.push(step);
      else made.wait(1, ask);
    };
    ask();
  }
  expect(done).toHaveLength(64);
  begin();
  expect(done).toHaveLength(128);
  begin();
  expect(done).toEqual(Array.from({ length: 150 }, (_, step) => step));
});

it('does not let one user wait for another', () => {
  const { begin, ask } = turns();
  const done: number[] = [];
  for (let step = 0; step < 1000; step += 1) ask(1, done);
  ask(2, done);
  expect(count(done, 2)).toBe(1);
  begin();
  ask(2, done);
  expect(count(done, 2)).toBe(2);
});

it('shares a turn among all users who are at it', () => {
  const { begin, ask } = turns();
  const done: number[] = [];
  for (const uid of [1, 2, 3, 4]) for (let step = 0; step < 200; step += 1) ask(uid, done);
  done.length = 0;
  begin();
  expect([1, 2, 3, 4].map((uid) => count(done, uid))).toEqual([16, 16, 16, 16]);
});

it('plans nothing for who asks little, and ends when nobody waits', () => {
  const { begin, ask } = turns();
  const done: number[] = [];
  for (let step = 0; step < 63; step += 1) ask(1, done);
  expect(begin()).toBe(false);
  ask(1, done);
  expect([begin(), begin()]).toEqual([true, false]);
});

it('counts what is done in any case', () => {
  const { turns: made, begin } = turns();
  for (let step = 0; step < 100; step += 1) made.charge(1);
  expect(made.take(1)).toBe(false);
  begin();
  expect(made.take(1)).toBe(true);
});

it('goes on with the others where one has gone meanwhile', () => {
  const { turns: made, begin, ask } = turns();
  const done: number[] = [];
  for (let step = 0; step < 64; step += 1) made.charge(1);
  for (let step = 0; step < 100; step += 1) made.wait(1, () => {});
  ask(1, done);
  begin();
  expect(done).toEqual([1]);
});
