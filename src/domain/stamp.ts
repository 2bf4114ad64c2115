/**
 * Points in time that survive a suspend, a changed wall clock and a restart. Within one boot two stamps are compared
 * on the boot clock (CLOCK_BOOTTIME: it runs through suspend and nobody can set it); across boots only the wall clock is left.
 */

/** One moment, as the host's clocks told it. All numbers are milliseconds. */
export interface Stamp {
  /** Names the boot in which `bootMs` counts (`/proc/sys/kernel/random/boot_id`). */
  readonly bootId: string;
  /** Milliseconds since boot, time in suspend included. */
  readonly bootMs: number;
  /** Milliseconds since 1970-01-01T00:00:00Z by the wall clock. */
  readonly wallMs: number;
}

/**
 * Milliseconds from `earlier` to `later`, never negative. Across a reboot at least the time since that boot has passed,
 * even where the wall clock was set back meanwhile.
 */
export function elapsedMs(earlier: Stamp, later: Stamp): number {
  if (earlier.bootId === later.bootId) return Math.max(0, later.bootMs - earlier.bootMs);
  return Math.max(0, later.bootMs, later.wallMs - earlier.wallMs);
}

/** The stamp `ms` milliseconds after `stamp` (before it, where negative), in the same boot. */
export function addMs(stamp: Stamp, ms: number): Stamp {
  return { bootId: stamp.bootId, bootMs: stamp.bootMs + ms, wallMs: stamp.wallMs + ms };
}
