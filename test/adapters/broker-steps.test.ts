import { describe, expect, it } from 'vitest';
import { AgentWorld } from '../fakes/agent-world.ts';
import type { Mishap } from '../fakes/fake-server.ts';

/** What is counted of a rotation: each step when it has succeeded, and only then. */

const prepared = ['locks-held', 'store-read', 'preflight-passed', 'connected'];
const sent = [...prepared, 'intent-saved', 'request-sent'];
const understood = [...sent, 'answer-received', 'answer-saved', 'answer-understood'];
const rotation = [...understood, 'secret-saved', 'session-saved', 'token-published', 'journal-closed'];

/** At the next exchange, and neither when the connection is made nor later. */
function atExchange(world: AgentWorld, mishap: Mishap): void {
  world.server.mishap = (at) => {
    if (at === 'connect') return 'none';
    world.server.mishap = () => 'none';
    return mishap;
  };
}

/** The reads and proofs of the pre-flight run side by side. */
function inOrder(steps: readonly string[]): readonly string[] {
  const first = steps.slice(0, 3).toSorted((one, other) => prepared.indexOf(one) - prepared.indexOf(other));
  return [...first, ...steps.slice(3)];
}

describe('the steps of a rotation', () => {
  it('are counted once each, in their order', async () => {
    const world = await AgentWorld.begun();
    expect(inOrder(world.counts.takeDone())).toEqual(rotation);
    expect(await world.refresh()).toBeNull();
    const { counts } = world;
    expect(counts).toMatchObject({ outcomes: ['granted'], failedSteps: [], events: [] });
    expect(counts.persistTimes).toHaveLength(2);
    expect(inOrder(counts.takeDone())).toEqual(rotation);
  });

  it('are not counted by a start that has a valid token', async () => {
    const world = await AgentWorld.begun();
    world.counts.takeDone();
    await world.restart();
    expect(world.published).toHaveLength(2);
    expect(world.counts.doneSteps).toEqual([]);
  });

  const ends: readonly (readonly [Mishap, readonly string[], readonly string[]])[] = [
    ['lost-answer', [...sent, 'journal-closed'], ['answer-received']],
    ['stalled-answer', [...sent, 'journal-closed'], ['answer-received']],
    ['firewall', [...sent, 'answer-received', 'answer-saved', 'journal-closed'], ['answer-understood']],
    ['rate-limited', [...understood, 'journal-closed'], []],
    ['not-found', [...understood, 'journal-closed'], []],
  ];
  it.each(ends)('end where an answer does: %s', async (mishap, done, failed) => {
    const world = await AgentWorld.begun();
    world.counts.takeDone();
    atExchange(world, mishap);
    const ended = world.refresh();
    await world.clock.elapse(20_000);
    await ended;
    const first = world.counts.doneSteps.slice(0, done.length);
    expect(inOrder(first)).toEqual(done);
    expect(world.counts.failedSteps).toEqual(failed);
  });

  it('end at the connection where there is no server', async () => {
    const world = await AgentWorld.begun();
    world.counts.takeDone();
    world.server.mishap = () => 'unreachable';
    await world.refresh();
    expect(inOrder(world.counts.doneSteps)).toEqual(prepared.slice(0, 3));
    expect(world.counts.failedSteps).toEqual(['connected']);
    expect(world.counts.outcomes).toEqual([]);
  });

  it('tell a lock file that was replaced', async () => {
    const world = await AgentWorld.begun();
    world.counts.takeDone();
    world.locks.removeFile('/state/agents/web-01/lock');
    await world.refresh();
    expect(world.counts.failedSteps).toEqual(['locks-held']);
  });

  it.each([
    ['raw-', 'answer-saved', true],
    ['secret.sealed', 'secret-saved', false],
    ['session.sealed', 'session-saved', false],
  ] as const)('tell each try to write %s that failed, and what came of it', async (file, step, goesOn) => {
    const world = await AgentWorld.begun();
    world.counts.takeDone();
    let armed = false;
    world.server.mishap = (at) => {
      armed ||= at === 'exchange';
      return 'none';
    };
    world.disk.fault = ([did, path = '']) =>
      armed && did === 'create' && path.includes(file) ? 'EIO' : null;
    await world.refresh();
    expect(world.counts.failedSteps).toContain(step);
    expect(world.counts.doneSteps).not.toContain(step);
    expect(world.counts.doneSteps.includes('journal-closed')).toBe(goesOn);
    if (goesOn) return;
    // served from memory, and counted once though the session is saved later
    expect(world.counts.doneSteps).toContain('token-published');
    armed = false;
    world.server.mishap = () => 'none';
    await world.clock.elapse(15_000);
    expect(world.counts.doneSteps.filter((each) => each === step)).toEqual([step]);
    expect(world.counts.doneSteps.filter((each) => each === 'token-published')).toHaveLength(1);
    expect(world.counts.doneSteps.at(-1)).toBe('journal-closed');
  });

  it('tell a pre-flight that did not pass from a store that could not be read', async () => {
    const world = await AgentWorld.begun();
    world.counts.takeDone();
    world.disk.fault = ([did]) => (did === 'create' ? 'ENOSPC' : null);
    await world.refresh();
    expect(world.counts.doneSteps.toSorted()).toEqual(['locks-held', 'store-read']);
    expect(world.counts.failedSteps).toEqual(['preflight-passed']);
  });
});

describe('what else is counted', () => {
  it('a secret that is sent again', async () => {
    const world = await AgentWorld.begun({ policy: 'grace' });
    atExchange(world, 'lost-answer');
    await world.refresh();
    expect(world.counts).toMatchObject({ outcomes: ['granted', 'in-doubt'] });
    world.counts.takeDone();
    await world.clock.elapse(5 * 60_000);
    expect(world.counts).toMatchObject({ outcomes: ['granted'], events: ['replayed'] });
  });

  it('an exchange that a crash interrupted', async () => {
    const world = await AgentWorld.begun({ policy: 'grace' });
    world.counts.takeDone();
    world.server.latencyMs = 5_000;
    void world.refresh();
    await world.clock.elapse(1_000);
    await world.restart();
    expect(world.counts.events).toEqual(['interrupted']);
    expect(inOrder(world.counts.doneSteps)).toEqual([...prepared, 'intent-saved', 'journal-closed']);
  });

  it('hand-overs, and what the server says of them', async () => {
    const world = await AgentWorld.begun();
    expect(world.counts.events).toEqual(['hand-over-stored', 'hand-over-granted']);
    world.counts.takeDone();
    await world.handOver('no secret of this server');
    await world.clock.elapse(1);
    expect(world.counts.events).toEqual(['hand-over-stored', 'hand-over-refused']);
    world.counts.takeDone();
    world.disk.fault = ([did]) => (did === 'create' ? 'ENOSPC' : null);
    await expect(world.handOver('another')).rejects.toThrow();
    expect(world.counts.events).toEqual(['hand-over-failed']);
  });

  it('of a first secret that is refused no step that would look like a rotation', async () => {
    const world = new AgentWorld();
    await world.start();
    await world.handOver('no secret of this server');
    await world.clock.elapse(1);
    expect(world.broker.status().state).toBe('revoked');
    expect(inOrder(world.counts.doneSteps)).toEqual([...understood, 'journal-closed']);
  });
});

describe('the gauges of an agent', () => {
  it('tell the life of the token, when its refresh is due, and what the bucket has', async () => {
    const world = await AgentWorld.begun();
    const begun = world.clock.now().wallMs;
    const { tokenTtlMs, refreshDueAtMs, bucketLevel, status } = world.broker.gauges();
    expect(tokenTtlMs).toBe(30 * 60_000);
    expect(bucketLevel).toBeCloseTo(5, 1);
    expect(status.token.status).toBe('valid');
    const share = (refreshDueAtMs ?? 0) - begun;
    expect(share / (30 * 60_000)).toBeGreaterThan(0.64);
    expect(share / (30 * 60_000)).toBeLessThan(0.86);
    // what is late stays where it was due
    world.server.mishap = () => 'unreachable';
    await world.clock.elapse(29 * 60_000);
    expect(world.broker.gauges().refreshDueAtMs).toBe(refreshDueAtMs);
  });

  it('have nothing to tell before the first secret', async () => {
    const world = new AgentWorld();
    await world.start();
    expect(world.broker.gauges()).toMatchObject({
      tokenTtlMs: null,
      refreshDueAtMs: null,
      bucketLevel: null,
    });
  });
});
