import type { HookResult } from './hook.ts';

/** `output` as {@link HookResult} has it. */
export function failure(reason: string, output = ''): HookResult {
  return { ok: false, reason, output };
}
