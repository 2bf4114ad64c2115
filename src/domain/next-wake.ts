import type { AgentState } from './agent-state.ts';
import { plan } from './plan.ts';
import { justReplacedMs, untilStoryOverMs } from './rejection.ts';
import { expiryLimits, untilMs } from './schedule.ts';
import { elapsedMs, type Stamp } from './stamp.ts';
import { remainingMs } from './token.ts';

/** Milliseconds after which the agent must be woken though nothing happens; null where it need not. */
export function nextWakeMs(state: AgentState, now: Stamp): number | null {
  const { phase } = state;
  if (phase.name === 'saving' && phase.retryAt !== null) return untilMs(phase.retryAt, now);
  if (phase.name === 'stopped') return null;
  const next = phase.name === 'waiting' ? plan(state, now) : null;
  const times = untilNoticeMs(state, now);
  if (next?.do === 'wait') times.push(next.afterMs);
  // A wait that was over before anyone could set a timer for it: nothing else would begin the deed.
  if (next?.do === 'open' || next?.do === 'attempt' || next?.do === 'probe') times.push(0);
  return times.length === 0 ? null : Math.min(...times);
}

/** Moments at which the status changes by time alone: the end of the token, the steps of the alert before it, old stories. */
function untilNoticeMs(state: AgentState, now: Stamp): number[] {
  const { token, record, settings } = state;
  const times: number[] = [];
  const rejections = record?.rejections ?? null;
  if (rejections !== null)
    times.push(justReplacedMs - elapsedMs(rejections.lastAt, now), untilStoryOverMs(state, now));
  if (token !== null) {
    const left = remainingMs(token, now);
    const { warningMs, criticalMs } = expiryLimits(token.ttlMs, settings.exchange);
    times.push(left, left - warningMs, left - criticalMs);
  }
  return times.filter((ms) => ms > 0);
}
