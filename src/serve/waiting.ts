import type { Agent } from '../ports/agent.ts';
import type { Clock } from '../ports/clock.ts';

/** A wait that ends by itself. */
export interface Wait {
  /** Resolves at the first of: the time is over, the signal aborts, {@link Wait.end} is called. */
  readonly over: Promise<void>;
  readonly end: () => void;
}

/** Begins to wait for `ms` milliseconds. That the signal aborts is no error. */
export function beginWait(clock: Clock, ms: number, signal: AbortSignal): Wait {
  const { promise, resolve } = Promise.withResolvers<void>();
  const end = (): void => {
    cancel();
    signal.removeEventListener('abort', end);
    resolve();
  };
  const cancel = clock.after(ms, end);
  signal.addEventListener('abort', end);
  if (signal.aborted) end();
  return { over: promise, end };
}

/** A refresh further away than this is not waited for. */
const horizonMs = 30_000;

/** How long after its planned moment a refresh may take until the wait for it is given up. */
const exchangeMs = 15_000;

/** Life that a short token must still have when the wait for its successor is given up. */
const marginMs = 1000;

interface Bounds {
  /** Milliseconds of life that the token in hand has left. It is never lost: the wait ends while some is left to hand out. */
  readonly lifeMs: number;
  /** Milliseconds after which the client wants its answer. */
  readonly atMostMs: number;
}

/** Waits for the scheduled refresh, where one is near; resolves when there is a newer token or no point in waiting. */
export async function waitForRefresh(
  agent: Agent,
  { lifeMs, atMostMs }: Bounds,
  clock: Clock,
  signal: AbortSignal,
): Promise<void> {
  const planned = agent.nextRefreshInMs();
  const ms = Math.min((planned ?? 0) + exchangeMs, lifeMs - marginMs, atMostMs);
  if (planned === null || planned > horizonMs || ms <= 0) return;
  const sequence = agent.token()?.sequence;
  const deadline = clock.now().bootMs + ms;
  const wait = beginWait(clock, ms, signal);
  const stop = agent.subscribe(() => {
    if (agent.token()?.sequence !== sequence || isPutOff(agent, deadline - clock.now().bootMs)) wait.end();
  });
  agent.ended.addEventListener('abort', wait.end);
  await wait.over;
  agent.ended.removeEventListener('abort', wait.end);
  stop();
}

/** No plan says nothing (the exchange may be on its way), but a plan past the end of the wait does. */
function isPutOff(agent: Agent, restMs: number): boolean {
  const planned = agent.nextRefreshInMs();
  return planned !== null && planned > restMs;
}
