import { describe, expect, it } from 'vitest';
import { PeerLimits } from '../../src/serve/limits.ts';
import { ManualClock } from '../fakes/manual-clock.ts';

function limits(connections: number, requestsPerSecond: number) {
  const clock = new ManualClock();
  return { clock, peers: new PeerLimits({ connections, requestsPerSecond }, clock) };
}

const times = <T>(count: number, run: () => T): T[] => Array.from({ length: count }, run);

describe('connections', () => {
  it('counts them per user', () => {
    const { peers } = limits(2, 0);
    expect([peers.connected(1), peers.connected(1), peers.connected(1)]).toEqual([true, true, false]);
    expect(peers.connected(2)).toBe(true);
  });

  it('gives a place back when a connection ends', () => {
    const { peers } = limits(1, 0);
    peers.connected(1);
    peers.disconnected(1);
    expect(peers.connected(1)).toBe(true);
  });

  it('counts those of all users together', () => {
    const peers = new PeerLimits(
      { connections: 2, requestsPerSecond: 0, allConnections: 3 },
      new ManualClock(),
    );
    for (const uid of [1, 2, 3]) peers.connected(uid);
    expect(peers.hasPlace(4)).toBe(false);
    peers.disconnected(2);
    expect(peers.hasPlace(4)).toBe(true);
  });

  it('leaves places for the next users, however many one user wants', () => {
    const peers = new PeerLimits(
      { connections: 0, requestsPerSecond: 0, allConnections: 100 },
      new ManualClock(),
    );
    const takeAll = (uid: number) => {
      let taken = 0;
      for (; peers.hasPlace(uid); taken += 1) peers.connected(uid);
      return taken;
    };
    expect([takeAll(1), takeAll(2), takeAll(3), takeAll(4)]).toEqual([75, 19, 5, 1]);
    expect(peers.hasPlace(1)).toBe(false);
  });

  it('gives all places where nobody is told apart', () => {
    const peers = new PeerLimits(
      { connections: 0, requestsPerSecond: 0, allConnections: 3 },
      new ManualClock(),
    );
    times(3, () => peers.connected(null));
    expect(peers.hasPlace(null)).toBe(false);
  });

  it('0 is no bound', () => {
    const { peers } = limits(0, 0);
    expect(times(1000, () => peers.connected(1)).every(Boolean)).toBe(true);
  });
});

describe('requests', () => {
  it('lets a burst of one second through and tells how long to wait for the next', () => {
    const { peers } = limits(0, 10);
    expect(times(10, () => peers.requested(1))).toEqual(times(10, () => 0));
    expect(peers.requested(1)).toBeCloseTo(100);
    expect(peers.requested(2)).toBe(0);
  });

  it('refills with time, and no further than one second', () => {
    const { clock, peers } = limits(0, 10);
    times(10, () => peers.requested(1));
    clock.advance(100);
    expect([peers.requested(1), peers.requested(1) > 0]).toEqual([0, true]);
    clock.advance(60_000);
    expect(times(11, () => peers.requested(1)).filter((wait) => wait === 0)).toHaveLength(10);
  });

  it('does not refill by reconnecting', () => {
    const { peers } = limits(0, 1);
    peers.connected(1);
    peers.requested(1);
    peers.disconnected(1);
    peers.connected(1);
    expect(peers.requested(1)).toBeGreaterThan(0);
  });

  it('0 is no bound', () => {
    const { peers } = limits(0, 0);
    expect(times(1000, () => peers.requested(1)).every((wait) => wait === 0)).toBe(true);
  });
});
