import type { Clock } from '../ports/clock.ts';

/** Resolves after so many milliseconds of the clock; rejects with the signal's reason where that comes first. */
export function pause(clock: Pick<Clock, 'after'>, ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal.aborted) {
      reject(signal.reason);
      return;
    }
    const cancel = clock.after(ms, () => {
      signal.removeEventListener('abort', giveUp);
      resolve();
    });
    function giveUp(): void {
      cancel();
      reject(signal.reason);
    }
    signal.addEventListener('abort', giveUp, { once: true });
  });
}
