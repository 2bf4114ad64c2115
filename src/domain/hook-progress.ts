import { backoffCapMs, backoffMs } from './schedule.ts';
import { elapsedMs, type Stamp } from './stamp.ts';

/**
 * How far the hooks of an agent have come with its newest token. They are gone through in their order, again and again, until none
 * is due any more; nothing here knows what a hook does.
 */
export interface HookProgress {
  /** It has yet to succeed for the newest token. */
  readonly isDue: boolean;
  /** It has failed for the newest token, which those behind it may not have got the good of. */
  readonly wasLate: boolean;
  /** Tries that failed since the last success, whatever token they were for. */
  readonly failures: number;
  /** When the first of them began. */
  readonly failingSince: Stamp | null;
}

/** Tries after which a hook counts as failing, about a minute: a shipper that starts or restarts is there by then. */
const failingAfterTries = 8;
/** The same, as a share of the time that the token before still had: the rest is for a person. */
const failingAfterShare = 0.25;
const longestPauseMs = 60_000;

/** A hook that nothing is known of. `isDue`: whether it has to run for the token of now. */
export function newHook(isDue: boolean): HookProgress {
  return { isDue, wasLate: false, failures: 0, failingSince: null };
}

/** There is another token: whatever was left to do for the one before is for this one now. */
export function withNewToken(hooks: readonly HookProgress[]): readonly HookProgress[] {
  return hooks.map((hook) => ({ ...hook, isDue: true, wasLate: false }));
}

/** The hook to run next in this pass, which has come to `from`; null where the pass is over. */
export function nextHook(hooks: readonly HookProgress[], from: number): number | null {
  const index = hooks.findIndex(({ isDue }, at) => at >= from && isDue);
  return index === -1 ? null : index;
}

/**
 * The hook has succeeded for the newest token. Where it had failed before, those behind it run again: one may have made what
 * another needs, as a program that rewrites a file and the signal that has it read.
 */
export function afterSuccess(hooks: readonly HookProgress[], index: number): readonly HookProgress[] {
  const isLate = hooks[index]?.wasLate ?? false;
  return hooks.map((hook, at) => {
    if (at === index) return newHook(false);
    return at > index && isLate ? { ...hook, isDue: true } : hook;
  });
}

/** A try that began at `began` has failed. The hook stays due, and those behind it have their turn all the same. */
export function afterFailure(
  hooks: readonly HookProgress[],
  index: number,
  began: Stamp,
): readonly HookProgress[] {
  return hooks.map((hook, at) => (at === index ? failedOnce(hook, began) : hook));
}

/**
 * A newer token came while this hook was failing. Those behind it have their turn first, or one that hangs for longer than tokens
 * are new would keep them from ever having one; they run again behind those that they have overtaken.
 */
export function afterFailureForOlder(hooks: readonly HookProgress[], index: number): readonly HookProgress[] {
  return withNewToken(hooks).map((hook, at) => (at <= index ? { ...hook, wasLate: true } : hook));
}

function failedOnce(hook: HookProgress, began: Stamp): HookProgress {
  return {
    ...hook,
    wasLate: true,
    failures: hook.failures + 1,
    failingSince: hook.failingSince ?? began,
  };
}

/**
 * Whether somebody is to be told. `windowMs`: what the token before had left when the hooks began, which is the time that
 * shippers have to take up the new one.
 */
export function keepsFailing(hook: HookProgress, windowMs: number, now: Stamp): boolean {
  if (hook.failingSince === null) return false;
  return (
    hook.failures >= failingAfterTries || elapsedMs(hook.failingSince, now) >= windowMs * failingAfterShare
  );
}

/** Milliseconds until the next pass: as soon as the youngest failure wants it. `draw` is uniform in [0, 1). null where none is due. */
export function passPauseMs(hooks: readonly HookProgress[], windowMs: number, draw: number): number | null {
  const failures = hooks.flatMap((hook) => (hook.isDue ? [hook.failures] : []));
  if (failures.length === 0) return null;
  const capMs = Math.min(longestPauseMs, backoffCapMs(windowMs));
  return backoffMs(Math.max(1, Math.min(...failures)), capMs, draw);
}
