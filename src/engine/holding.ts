import type { HeldElsewhere, Lock } from '../ports/lock.ts';
import type { AgentParts } from './agent-parts.ts';

/** The locks of one agent, taken all or none and kept until the end. */
export interface Holding {
  /** Resolves to null when all locks are ours (again), else to who has one. */
  take(): Promise<HeldElsewhere | null>;
  /** Whether every locked file is still the one at its path; gives all up where one is not. */
  verify(): Promise<boolean>;
  release(): Promise<void>;
}

export function createHolding({ locks, lockPaths }: Pick<AgentParts, 'locks' | 'lockPaths'>): Holding {
  let held: Lock[] = [];

  async function release(): Promise<void> {
    const given = held;
    held = [];
    for (const lock of given.toReversed()) await lock.release();
  }

  return {
    release,
    async take() {
      if (held.length === lockPaths.length) return null;
      try {
        for (const path of lockPaths) {
          const lock = await locks.tryAcquire(path);
          if (!lock.held) return lock;
          held.push(lock);
        }
        return null;
      } finally {
        if (held.length < lockPaths.length) await release();
      }
    },
    async verify() {
      for (const lock of held) {
        if (await lock.stillInPlace()) continue;
        await release();
        return false;
      }
      return held.length > 0;
    },
  };
}
