import { hookMemory, hookRunner } from '../composition/hooks.ts';
import type { AgentConfig } from '../config/config.ts';
import type { AlertStatus } from '../domain/status.ts';
import { HookSet } from '../outputs/hook-set.ts';
import type { Log } from '../ports/log.ts';
import { daemonAlert } from './daemon-alert.ts';
import type { Running } from './running.ts';

interface HookWiring {
  /** The paths of the agent's token files. */
  readonly files: () => readonly string[];
  readonly condition: (key: string, alert: AlertStatus | null) => void;
}

/** The hooks of an agent, which tell of themselves by its log, its metrics and its alerts. */
export function createHooks(
  { host, metrics }: Running,
  { name: agent, hooks }: AgentConfig,
  log: Log,
  { files, condition }: HookWiring,
): HookSet {
  const { clock, random } = host;
  const ended = (name: string) => condition(`hook ${name}`, null);
  return new HookSet(hooks, {
    agent,
    clock,
    random,
    log,
    memory: hookMemory(host, agent, log),
    run: hookRunner(host),
    files,
    meter: (name, kind) => metrics.hook(agent, name, kind),
    onFailing: (name, reason) => condition(`hook ${name}`, daemonAlert(clock, 'HOOK_FAILED', reason)),
    onWorking: ended,
    onDropped(name) {
      ended(name);
      metrics.forgetHook(agent, name);
    },
  });
}
