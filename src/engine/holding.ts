import type { HeldElsewhere, Lock } from '../ports/lock.ts';
import type { AgentParts } from './agent-parts.ts';

/**
 * The locks of one agent, taken all or none and kept until the end. Where a locked file was removed, the others are kept while
 * it is taken anew: a standby that asks meanwhile has that one for a moment, but not all, and does not become the holder.
 */
export interface Holding {
  /** Resolves to null when all locks are ours (again), else to who has one. */
  take(): Promise<HeldElsewhere | null>;
  /** Whether all are ours and every locked file is still the one at its path; gives up those that are not. */
  verify(): Promise<boolean>;
  release(): Promise<void>;
}

export function createHolding({
  locks,
  lockPaths,
  log,
}: Pick<AgentParts, 'locks' | 'lockPaths' | 'log'>): Holding {
  const held = new Map<string, Lock>();

  async function giveUp(paths: readonly string[]): Promise<void> {
    for (const path of paths.toReversed()) {
      const lock = held.get(path);
      held.delete(path);
      await lock?.release();
    }
  }

  async function verify(): Promise<boolean> {
    for (const [path, lock] of held) {
      if (await lock.stillInPlace()) continue;
      // Somebody works on folders that are in use: worth a word even where nothing comes of it.
      log.warn(isFile(path) ? 'lock-file-replaced' : 'lease-lost', { path });
      await giveUp([path]);
    }
    return held.size === lockPaths.length;
  }

  /** Takes what is missing; where another process has one of them, none of these. */
  async function takeMissing(): Promise<HeldElsewhere | null> {
    const missing = lockPaths.filter((path) => !held.has(path));
    for (const path of missing) {
      const lock = await locks.tryAcquire(path);
      if (lock.held) {
        held.set(path, lock);
        continue;
      }
      await giveUp(missing);
      return lock;
    }
    return null;
  }

  const release = () => giveUp(lockPaths);

  return {
    release,
    verify,
    async take() {
      if (await verify()) return null;
      try {
        return await takeMissing();
      } catch (error) {
        // This process cannot hold the agent now; perhaps another one can.
        await release();
        throw error;
      }
    },
  };
}

/** Locks that are no files have names that are no paths. */
function isFile(lock: string): boolean {
  return lock.startsWith('/');
}
