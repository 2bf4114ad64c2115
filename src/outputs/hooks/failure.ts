import type { HookResult } from './hook.ts';

export function failure(reason: string, output?: string): HookResult {
  return { ok: false, reason, ...(output !== undefined && { output }) };
}
