import { beforeEach, describe, expect, it } from 'vitest';
import { createLeaseLocks, leaseLockPath } from '../../../src/platform/kubernetes/lease-locks.ts';
import type { Lock, Locks } from '../../../src/ports/lock.ts';
import { FakeCluster, type Place, type StoredObject } from '../../fakes/kubernetes/cluster.ts';
import { ModelApi, refusal, silence } from '../../fakes/kubernetes/model-api.ts';
import { elapseUntil } from '../../fakes/kubernetes/pods.ts';
import { ManualClock } from '../../fakes/manual-clock.ts';

const at = { namespace: 'logs', name: 'web-01' };
const place: Place = { resource: 'leases', ...at };
const path = leaseLockPath(at);

interface LeaseSpec {
  readonly holderIdentity?: string;
  readonly renewTime?: string;
  readonly leaseTransitions?: number;
}

const take = async (locks: Locks) => {
  const lock = await locks.tryAcquire(path);
  return lock.held ? lock : null;
};

/** Time passes on all nodes at once. */
const pass = async (ms: number, ...pods: readonly { clock: ManualClock }[]) => {
  for (let passed = 0; passed < ms; passed += 1_000)
    await Promise.all(pods.map(({ clock }) => clock.elapse(Math.min(1_000, ms - passed))));
};

const mine = async (locks: Locks): Promise<Lock> => {
  const lock = await take(locks);
  expect(lock).not.toBeNull();
  return lock as Lock;
};

describe('a Lease as a lock between pods', () => {
  let cluster: FakeCluster;

  beforeEach(() => {
    cluster = new FakeCluster();
    cluster.create(place);
  });

  /** A pod on a node with clocks of its own. */
  function pod(holder: string, wallMs = Date.UTC(2026, 0, 1), neededMs = 30_000) {
    const api = new ModelApi(cluster);
    api.travel = async () => {};
    const clock = new ManualClock({ wallMs });
    const locks = createLeaseLocks({ api, clock, holder, neededMs });
    return { api, clock, locks, take: () => take(locks) };
  }
  const spec = () => (cluster.get(place).spec ?? {}) as LeaseSpec;

  it('is taken where nobody has it, and says who has it', async () => {
    const [a, b] = [pod('pod-a'), pod('pod-b')];
    await mine(a.locks);
    expect(spec()).toEqual({
      holderIdentity: 'pod-a',
      leaseDurationSeconds: 45,
      acquireTime: '2026-01-01T00:00:00.000000Z',
      renewTime: '2026-01-01T00:00:00.000000Z',
      leaseTransitions: 1,
    });
    expect(await b.locks.tryAcquire(path)).toEqual({ held: false, holderPid: null, holder: 'pod-a' });
  });

  it('goes to one of two that ask at once', async () => {
    const [a, b] = [pod('pod-a'), pod('pod-b')];
    const taken = await Promise.all([a.take(), b.take()]);
    expect(taken.filter((lock) => lock !== null)).toHaveLength(1);
  });

  it('is renewed every ten seconds, and by nobody after its end', async () => {
    const a = pod('pod-a');
    const lock = await mine(a.locks);
    await pass(35_000, a);
    expect(a.api.calls).toHaveLength(5);
    expect(spec().renewTime).toBe('2026-01-01T00:00:30.000000Z');
    await lock.release();
    expect(spec().holderIdentity).toBeUndefined();
    const calls = a.api.calls.length;
    await pass(60_000, a);
    expect(a.api.calls).toHaveLength(calls);
    expect(await lock.stillInPlace()).toBe(false);
  });

  it('goes to the next at once where its holder gave it up', async () => {
    const [a, b] = [pod('pod-a'), pod('pod-b')];
    const lock = await mine(a.locks);
    expect(await b.take()).toBeNull();
    await lock.release();
    await pass(5_000, b);
    await mine(b.locks);
    expect(spec()).toMatchObject({ holderIdentity: 'pod-b', leaseTransitions: 2 });
  });

  it.each([
    ['set alike', 0],
    ['an hour ahead', 3_600_000],
    ['an hour behind', -3_600_000],
  ])('is waited out by the standby’s own clock, %s', async (_how, skewMs) => {
    const [a, b] = [pod('pod-a'), pod('pod-b', Date.UTC(2026, 0, 1) + skewMs)];
    await mine(a.locks);
    expect(await b.take()).toBeNull();
    // killed: nothing of it runs any more
    await pass(44_000, b);
    expect(await b.take()).toBeNull();
    await pass(5_000, b);
    await mine(b.locks);
  });

  it('is not taken from a holder that renews, however long it lasts', async () => {
    const [a, b] = [pod('pod-a'), pod('pod-b')];
    await mine(a.locks);
    for (let minute = 0; minute < 5; minute += 1) {
      await pass(60_000, a, b);
      expect(await b.take()).toBeNull();
    }
  });

  it('is asked after every five seconds at most', async () => {
    const [a, b] = [pod('pod-a'), pod('pod-b')];
    await mine(a.locks);
    for (let second = 0; second < 30; second += 1) {
      await b.take();
      await pass(1_000, a, b);
    }
    expect(b.api.calls).toHaveLength(6);
  });

  it('is long enough only while it outlives what is begun, and is renewed for that first', async () => {
    const a = pod('pod-a');
    const lock = await mine(a.locks);
    await a.clock.elapse(9_000);
    expect(await lock.stillInPlace()).toBe(true);
    expect(spec().renewTime).toBe('2026-01-01T00:00:09.000000Z');
    a.api.fate = () => silence(true);
    await a.clock.elapse(2_000);
    // what is left of the last renewal does
    expect(await lock.stillInPlace()).toBe(true);
    await a.clock.elapse(9_000);
    expect(await lock.stillInPlace()).toBe(false);
    a.api.fate = () => 'arrives';
    expect(await lock.stillInPlace()).toBe(true);
  });

  it('counts from before the renewal was sent, however long that takes', async () => {
    const a = pod('pod-a');
    const lock = await mine(a.locks);
    await a.clock.elapse(5_000);
    a.api.travel = () => a.clock.elapse(6_000);
    // there and back
    expect(await lock.stillInPlace()).toBe(false);
  });

  it('is never believed in by its holder when another may have taken it', async () => {
    const [a, b] = [pod('pod-a', undefined, 10_000), pod('pod-b')];
    const lock = await mine(a.locks);
    expect(await b.take()).toBeNull();
    a.api.fate = () => silence(true);
    let taken: number | null = null;
    let believed = 0;
    for (let second = 0; second < 60; second += 1) {
      if (taken === null && (await b.take()) !== null) taken = second;
      if (await lock.stillInPlace()) believed = second;
      await pass(1_000, a, b);
    }
    expect(believed).toBe(30);
    expect(taken).toBe(45);
    a.api.fate = () => 'arrives';
    expect(await lock.stillInPlace()).toBe(false);
    expect(await a.take()).toBeNull();
    expect(spec().holderIdentity).toBe('pod-b');
  });

  it('is still its holder’s where nobody took it while the server was away', async () => {
    const a = pod('pod-a');
    const lock = await mine(a.locks);
    a.api.fate = () => refusal(503);
    await pass(120_000, a);
    expect(await lock.stillInPlace()).toBe(false);
    a.api.fate = () => 'arrives';
    await pass(3_000, a);
    expect(await lock.stillInPlace()).toBe(true);
  });

  it('is recognised where the answer to its taking, or to its renewal, was lost', async () => {
    const a = pod('pod-a');
    a.api.fate = ({ verb }) => (verb === 'update' ? 'lost-answer' : 'arrives');
    await expect(a.take()).rejects.toMatchObject({ code: 'STORE_UNREACHABLE' });
    a.api.fate = () => 'arrives';
    const lock = await mine(a.locks);
    expect(spec().leaseTransitions).toBe(1);
    a.api.fate = ({ verb }) => (verb === 'update' ? 'lost-answer' : 'arrives');
    await a.clock.elapse(10_000);
    a.api.fate = () => 'arrives';
    await a.clock.elapse(2_000);
    expect(await lock.stillInPlace()).toBe(true);
  });

  it('is renewed over what a stranger writes on it', async () => {
    const a = pod('pod-a');
    const lock = await mine(a.locks);
    cluster.edit(place, (object: StoredObject) => ({
      ...object,
      metadata: { ...object.metadata, labels: { team: 'x' } },
    }));
    await pass(5_000, a);
    expect(await lock.stillInPlace()).toBe(true);
    expect(cluster.get(place).metadata?.labels).toEqual({ team: 'x' });
  });

  it('is lost where somebody removed it, and what is missing is told', async () => {
    const a = pod('pod-a');
    const lock = await mine(a.locks);
    cluster.remove(place);
    await pass(5_000, a);
    expect(await lock.stillInPlace()).toBe(false);
    await expect(elapseUntil(a.clock, a.take())).rejects.toThrow(
      /there is no Lease logs\/web-01 \(404\); make it/,
    );
    a.api.fate = () => refusal(403);
    await expect(a.take()).rejects.toThrow(
      /may not get the Lease logs\/web-01 .* apiGroups: \[coordination.k8s.io\]/,
    );
  });
});
