import { describe, expect, it } from 'vitest';
import { waitForRefresh } from '../../src/serve/waiting.ts';
import { FakeAgent } from '../fakes/fake-agent.ts';
import { ManualClock } from '../fakes/manual-clock.ts';

const minuteMs = 60_000;

/** An agent with a token of `lifeMs` and a refresh planned `plannedMs` from now, and a wait for it. */
function waiting(plannedMs: number | null, lifeMs = minuteMs, atMostMs = Infinity) {
  const clock = new ManualClock();
  const agent = new FakeAgent('web-01', clock);
  const abort = new AbortController();
  agent.publish('first', lifeMs);
  agent.planRefresh(plannedMs);
  const wait = { isOver: false };
  const over = waitForRefresh(agent, { lifeMs, atMostMs }, clock, abort.signal).then(() => {
    wait.isOver = true;
    return null;
  });
  return { clock, agent, abort, wait, over };
}

describe('waitForRefresh', () => {
  it.each([
    ['no refresh is planned', null, minuteMs],
    ['the refresh is far away', 30_001, minuteMs],
    ['the token has no time left for a wait', 500, 1000],
  ])('does not wait where %s', async (_case, plannedMs, lifeMs) => {
    const { clock, wait } = waiting(plannedMs, lifeMs);
    await clock.elapse(0);
    expect(wait.isOver).toBe(true);
  });

  it('ends with the new token', async () => {
    const { clock, agent, wait } = waiting(20_000);
    await clock.elapse(20_000);
    expect(wait.isOver).toBe(false);
    agent.planRefresh(0);
    await clock.elapse(0);
    expect(wait.isOver).toBe(false);
    agent.publish('second');
    await clock.elapse(0);
    expect([wait.isOver, agent.listeners, clock.nextDueInMs()]).toEqual([true, 0, null]);
  });

  it('ends when the refresh is put off', async () => {
    const { clock, agent, wait } = waiting(5000);
    await clock.elapse(5000);
    agent.planRefresh(10_001);
    await clock.elapse(0);
    expect([wait.isOver, agent.listeners]).toEqual([false, 1]);
    agent.planRefresh(minuteMs);
    await clock.elapse(0);
    expect([wait.isOver, agent.listeners]).toEqual([true, 0]);
  });

  it('ends 15 s after the planned moment when nothing happens', async () => {
    const { clock, wait } = waiting(5000);
    await clock.elapse(19_999);
    expect(wait.isOver).toBe(false);
    await clock.elapse(1);
    expect(wait.isOver).toBe(true);
  });

  it('ends while the token in hand still lives', async () => {
    const { clock, agent, wait } = waiting(5000, 10_000);
    await clock.elapse(9000);
    expect([wait.isOver, agent.token()?.sequence]).toEqual([true, 1]);
  });

  it('ends when the client wants its answer', async () => {
    const { clock, agent, wait } = waiting(5000, minuteMs, 3000);
    await clock.elapse(2999);
    expect(wait.isOver).toBe(false);
    await clock.elapse(1);
    expect([wait.isOver, agent.listeners, clock.nextDueInMs()]).toEqual([true, 0, null]);
  });

  it('ends with the agent', async () => {
    const { clock, agent, wait } = waiting(5000);
    agent.end();
    await clock.elapse(0);
    expect([wait.isOver, agent.listeners]).toEqual([true, 0]);
  });

  it('ends when the client goes', async () => {
    const { abort, agent, over } = waiting(5000);
    abort.abort();
    await over;
    expect(agent.listeners).toBe(0);
  });
});
