import { describe, expect, it } from 'vitest';
import { TokenwardError } from '../../src/domain/errors.ts';
import { AgentWorld, codeOf } from '../fakes/agent-world.ts';

/** Refreshes on request, and what the broker tells its listeners. */

const minute = 60_000;
const { signal } = new AbortController();
const lostAnswers = (at: 'connect' | 'exchange') => (at === 'exchange' ? 'lost-answer' : 'none');

/** The refusal of a refresh, at once. */
async function refusedNow(world: AgentWorld): Promise<TokenwardError> {
  const error: unknown = await world.broker.refresh(signal).catch((reason: unknown) => reason);
  if (error instanceof TokenwardError) return error;
  throw new Error('the refresh was not refused');
}

describe('a refresh', () => {
  it('joins the attempt under way: many callers, one exchange', async () => {
    const world = await AgentWorld.begun();
    world.server.latencyMs = 2_000;
    const callers = Array.from({ length: 20 }, () => codeOf(world.broker.refresh(signal)));
    await world.clock.elapse(1_000);
    callers.push(codeOf(world.broker.refresh(signal)));
    await world.clock.elapse(1_000);
    expect(new Set(await Promise.all(callers))).toEqual(new Set([null]));
    expect(world.server.arrivals).toHaveLength(2);
  });

  it('from a full bucket is granted at once, from an empty one told when to come back', async () => {
    const world = await AgentWorld.begun();
    for (let drawn = 1; drawn < 6; drawn += 1) expect(await world.refresh()).toBeNull();
    const refused = await refusedNow(world);
    expect(refused.code).toBe('RATE_LIMITED');
    expect(refused.retryAfterMs).toBeGreaterThan(9_000);
    expect(refused.retryAfterMs).toBeLessThanOrEqual(10_000);
    await world.restart();
    expect((await refusedNow(world)).code, 'a restart does not fill the bucket').toBe('RATE_LIMITED');
    await world.clock.elapse(refused.retryAfterMs ?? 0);
    expect(await world.refresh()).toBeNull();
    expect(world.server.arrivals).toHaveLength(7);
  });

  it.each([1, 60])('draws from a bucket of %d a minute', async (maxExchangesPerMinute) => {
    const world = await AgentWorld.begun({ settings: { maxExchangesPerMinute } });
    for (let drawn = 1; drawn < maxExchangesPerMinute; drawn += 1) expect(await world.refresh()).toBeNull();
    expect(await world.refresh()).toBe('RATE_LIMITED');
    await world.clock.elapse(minute / maxExchangesPerMinute);
    expect(await world.refresh()).toBeNull();
  });

  it('in a doubt waits for the replay that comes soon, and starts no attempt of its own', async () => {
    const world = await AgentWorld.begun({ policy: 'reusable' });
    world.server.mishap = lostAnswers;
    expect(await world.refresh()).toBe('IN_DOUBT');
    world.server.mishap = () => 'none';
    const waiting = codeOf(world.broker.refresh(signal));
    await world.clock.elapse(14_000);
    expect(world.server.arrivals, 'the first attempt may still be under way').toHaveLength(2);
    await world.clock.elapse(5_000);
    expect(await waiting).toBeNull();
    expect(world.server.arrivals).toHaveLength(3);
  });

  it('in a doubt whose replay is far is told IN_DOUBT and when to come back', async () => {
    const world = await AgentWorld.begun({ policy: 'reusable' });
    world.server.mishap = lostAnswers;
    await world.refresh();
    await world.clock.elapse(10 * minute);
    while ((world.broker.nextRefreshInMs() ?? 0) < 30_000) await world.clock.elapse(1_000);
    const arrivals = world.server.arrivals.length;
    const refused = await refusedNow(world);
    expect(refused.code).toBe('IN_DOUBT');
    expect(refused.retryAfterMs).toBe(world.broker.nextRefreshInMs());
    expect(world.server.arrivals).toHaveLength(arrivals);
  });

  it('obeys the Retry-After of the server, and says so', async () => {
    const world = await AgentWorld.begun();
    world.server.mishap = (at) => (at === 'exchange' ? 'rate-limited' : 'none');
    expect(await world.refresh()).toBe('SERVER_RATE_LIMITED');
    world.server.mishap = () => 'none';
    expect(await refusedNow(world)).toMatchObject({ code: 'SERVER_RATE_LIMITED', retryAfterMs: 30_000 });
    await world.clock.elapse(29_999);
    expect(world.server.arrivals).toHaveLength(2);
    expect(await world.refresh()).toBe('SERVER_RATE_LIMITED');
    await world.clock.elapse(1);
    expect(await world.refresh()).toBeNull();
  });

  it.each([
    ['unreachable', 'SERVER_UNREACHABLE', 1],
    ['not-found', 'SERVER_MISCONFIGURED', 2],
    ['bad-gateway', 'IN_DOUBT', 2],
    ['truncated', 'IN_DOUBT', 2],
    ['firewall', 'IN_DOUBT', 2],
  ] as const)(
    'where the server is %s is told %s, and the token is served on',
    async (mishap, code, arrivals) => {
      const world = await AgentWorld.begun();
      world.server.mishap = () => mishap;
      expect(await world.refresh()).toBe(code);
      expect(world.server.arrivals).toHaveLength(arrivals);
      expect(world.broker.status()).toMatchObject({
        state: 'degraded',
        token: { status: 'valid', sequence: 1 },
      });
    },
  );

  it.each([
    ['the server', (world: AgentWorld) => void (world.server.mishap = () => 'unreachable')],
    [
      'the store',
      (world: AgentWorld) => void (world.disk.fault = ([step]) => (step === 'create' ? 'ENOSPC' : null)),
    ],
  ])('that failed is tried again, so that no trouble outlives its cause: %s', async (_what, spoil) => {
    const world = await AgentWorld.begun();
    spoil(world);
    expect(await world.refresh()).not.toBeNull();
    world.server.mishap = () => 'none';
    world.disk.fault = () => null;
    await world.clock.elapse(1_000);
    expect(world.broker.status()).toMatchObject({ state: 'active', alerts: [] });
  });

  it('of a caller that went away goes on without it', async () => {
    const world = await AgentWorld.begun();
    world.server.latencyMs = 2_000;
    const caller = new AbortController();
    const refreshed = codeOf(world.broker.refresh(caller.signal));
    await world.clock.elapse(1_000);
    caller.abort();
    expect(await refreshed).toBe('SHUTTING_DOWN');
    await world.clock.elapse(1_000);
    expect(world.broker.token()?.sequence).toBe(2);
  });

  it('without a secret is told so', async () => {
    const world = new AgentWorld();
    await world.start();
    expect(await refusedNow(world)).toMatchObject({ code: 'SECRET_ABSENT', retryAfterMs: null });
  });
});

describe('after a proven refusal', () => {
  it.each(['none', 'not-found', 'rate-limited', 'bad-gateway'] as const)(
    'at most one try goes out in 5 minutes, whatever it is answered: %s',
    async (mishap) => {
      const world = await AgentWorld.begun();
      world.server.registry.revoke('web-01');
      expect(await world.refresh()).toBe('SECRET_REVOKED');
      const proven = world.server.arrivals.length;
      world.server.mishap = (at) => (at === 'exchange' ? mishap : 'none');
      await world.clock.elapse(61 * minute);
      const tries = world.server.arrivals.slice(proven - 1);
      const gaps = tries.slice(1).map((at, index) => at - (tries[index] ?? 0));
      expect(Math.min(...gaps)).toBeGreaterThanOrEqual(5 * minute);
      expect(tries.length).toBeGreaterThan(10);
    },
  );

  it('is told how long the pace lasts, also after a restart', async () => {
    const world = await AgentWorld.begun();
    world.server.registry.revoke('web-01');
    await world.refresh();
    await world.clock.elapse(minute);
    await world.restart();
    expect(await refusedNow(world)).toMatchObject({ code: 'SECRET_REVOKED', retryAfterMs: 4 * minute });
  });
});

describe('whoever watches', () => {
  it('is told of each change, and not any more when it stops watching', async () => {
    const world = await AgentWorld.begun();
    const seen: number[] = [];
    const stop = world.broker.subscribe(() => seen.push(world.broker.status().token.sequence));
    await world.refresh();
    expect(seen.at(-1)).toBe(2);
    stop();
    const count = seen.length;
    await world.refresh();
    expect(seen).toHaveLength(count);
  });

  it('reads the changes of the label in the log, once each', async () => {
    const world = await AgentWorld.begun();
    await world.refresh();
    world.server.registry.revoke('web-01');
    await world.refresh();
    const changes = world.log.lines.filter(({ event }) => event === 'state-changed');
    expect(changes.map(({ fields }) => fields['state'])).toEqual(['unprovisioned', 'active', 'revoked']);
  });

  it('hears of conditions outside the rotation as alerts', async () => {
    const world = await AgentWorld.begun();
    const alert = { code: 'FILE_TAMPERED', severity: 'warning', since: '', summary: 'x' } as const;
    world.broker.setCondition('file', alert);
    expect(world.alerts).toEqual([alert]);
    world.broker.setCondition('file', null);
    expect(world.alerts).toEqual([]);
  });
});
