import { join } from 'node:path';
import type { Host } from '../composition.ts';
import { HookMemory } from '../outputs/hooks/hook-memory.ts';
import type { RunHook } from '../outputs/hooks/hook.ts';
import type { HookParts } from '../outputs/hooks/run-hook.ts';
import { createHttpClient } from '../platform/http/client.ts';
import type { Log } from '../ports/log.ts';

/** What hooks are given of this host. What they do is loaded for the first that is due. */

export type HookHost = Pick<Host, 'native' | 'clock' | 'env'>;

const timeouts = { connectMs: 10_000, headersMs: 300_000, bodyMs: 300_000 };

export function hookRunner({ native, clock, env }: HookHost): RunHook {
  const parts: HookParts = {
    native,
    wallMs: () => clock.now().wallMs,
    env,
    send: async ({ origin, tls }, request, signal) =>
      createHttpClient({ url: origin, tls, env, timeouts }).send(request, signal),
  };
  return async (hook, call) => {
    try {
      const { runHook } = await import('../outputs/hooks/run-hook.ts');
      return await runHook(hook, call, parts);
    } catch {
      const reason = 'a part of tokenward cannot be loaded; install the program again, with all of its files';
      return { ok: false, reason, output: '' };
    }
  };
}

/** Which hooks of the agent have succeeded, in its folder. */
export function hookMemory(
  { config, disk, random }: Pick<Host, 'config' | 'disk' | 'random'>,
  agent: string,
  log: Log,
): HookMemory {
  return new HookMemory({ disk, random, log, path: join(config.stateDir, 'agents', agent, 'hooks.json') });
}
