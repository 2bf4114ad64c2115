import type { Clock } from '../../ports/clock.ts';
import type { Random } from '../../ports/random.ts';
import { pause } from '../pause.ts';
import type { KubernetesApi, ObjectName, WatchEnd } from './api.ts';

/**
 * Follows one Secret. It is read first, and watched from the version that was read: what happens between the two is told by the
 * watch. A stream that ends goes on from the last version it told of. Where the server has forgotten that one (410 Gone), or may
 * not be watched, reading it is all there is.
 */

/** Milliseconds after a stream that failed: at first, and at most. */
const BACKOFF_MS = { first: 1_000, last: 30_000 };
/** Milliseconds between two reads where the Role does not let us watch. */
const POLL_MS = 15_000;

export interface WatchOptions {
  readonly api: KubernetesApi;
  readonly at: ObjectName;
  readonly clock: Pick<Clock, 'after'>;
  readonly random: Pick<Random, 'fraction'>;
}

/** Resolves when the signal aborts; never rejects. */
export async function watchChanges(
  options: WatchOptions,
  changed: () => void,
  signal: AbortSignal,
): Promise<void> {
  const { api, at, clock, random } = options;
  /** As last told of; null where it must be read. */
  let version: string | null = null;
  let told: string | null = null;
  let failures = 0;
  const tell = (next: string) => {
    if (told === next) return;
    told = next;
    changed();
  };
  while (!signal.aborted) {
    if (version === null) {
      const answer = await api.getSecret(at, signal);
      if (signal.aborted) return;
      if (answer.kind === 'object') {
        version = answer.object.metadata?.resourceVersion ?? '';
        tell(version);
      }
    }
    const end: WatchEnd =
      version === null ? { kind: 'silent', sent: false, detail: '' } : await follow(version, signal);
    if (end.kind === 'closed' || end.kind === 'gone') failures = 0;
    else failures += 1;
    if (end.kind !== 'closed') version = null;
    await pause(clock, waitMs(end, failures, random.fraction()), signal).catch(() => {});
  }

  function follow(from: string, ended: AbortSignal): Promise<WatchEnd> {
    return api.watchSecret(
      at,
      from,
      (event) => {
        failures = 0;
        version = event.resourceVersion;
        if (event.kind !== 'bookmark') tell(event.resourceVersion);
      },
      ended,
    );
  }
}

function waitMs(end: WatchEnd, failures: number, chance: number): number {
  if (end.kind === 'refused' && end.status === 403) return POLL_MS;
  const backoff = Math.min(BACKOFF_MS.first * 2 ** Math.max(0, failures - 1), BACKOFF_MS.last);
  const jittered = backoff * (0.5 + chance / 2);
  return end.kind === 'refused'
    ? Math.max(jittered, Math.min(end.retryAfterMs ?? 0, BACKOFF_MS.last))
    : jittered;
}
