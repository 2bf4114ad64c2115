import type { Config } from '../config/config.ts';
import type { TokenwardError } from '../domain/errors.ts';
import { startAll, stopAll, takeOver } from '../engine/supervise.ts';
import { AgentErrand } from './agent-errand.ts';
import { openRunning, type RunningOptions } from './open-running.ts';
import type { Running } from './running.ts';

/** Composition root of `tokenward run --once`: a daemon that binds nothing, gets each agent its token, and ends. */

export interface OnceOptions extends RunningOptions {
  /** Milliseconds that all agents together may take. What was sent by then is still awaited and saved, for `shutdown_grace`. */
  readonly deadlineMs: number;
  /** Aborts when the process is told to end. */
  readonly interrupted: AbortSignal;
}

/** Why an agent has no token, or its token files do not; null where all is well. */
export interface OnceResult {
  readonly agent: string;
  readonly failure: TokenwardError | null;
}

export interface OnceResults {
  readonly agents: readonly OnceResult[];
  /** Whether all that was received is saved. */
  readonly saved: boolean;
}

/** Rejects with a `TokenwardError` where the configuration or the state folder cannot be used. */
export async function runOnce(options: OnceOptions): Promise<OnceResults> {
  const config = withoutCompany(options.config);
  await using resources = new AsyncDisposableStack();
  const running = await openRunning({ ...options, config }, resources, false);
  const { host, log } = running;
  const deadline = new AbortController();
  resources.defer(host.clock.after(options.deadlineMs, () => deadline.abort()));
  const over = AbortSignal.any([deadline.signal, options.interrupted]);
  const errands = [...running.agents.values()].map((agent, index) => {
    const secretFile = config.agents[index]?.secretFile ?? null;
    return new AgentErrand(agent, { secretFile, clock: host.clock, interrupted: options.interrupted });
  });
  await Promise.race([begin(running), aborted(over)]);
  await Promise.all(errands.map((errand) => errand.run(over)));
  log.info('stopping');
  running.stopping = true;
  for (const { secretFile } of running.agents.values()) secretFile.close();
  const saved = await stopAll([...running.brokers.values()], config.shutdownGraceMs);
  // The answer to what was under way may have come after the deadline.
  const holder = [...running.brokers.values()].find(({ heldElsewhere }) => heldElsewhere !== null);
  const agents = await Promise.all(errands.map((errand) => errand.result(holder?.heldElsewhere ?? null)));
  if (!saved) log.error('stopped-with-unsaved-secret');
  log.info('stopped');
  return { agents, saved };
}

/** Nobody is served, and nobody is told: neither a shipper, which is not there yet, nor an on-call person. */
function withoutCompany(config: Config): Config {
  const agents = config.agents.map((agent) => ({ ...agent, hooks: [] }));
  return { ...config, agents, listeners: [], proxies: [], alerts: [] };
}

/** As a standby too: the holder may be ending. */
async function begin({ brokers, router, log, agents }: Running): Promise<void> {
  if (!(await startAll([...brokers.values()])))
    await takeOver([...brokers.values()], (holderPid) => log.info('standby', { holder_pid: holderPid }));
  await router.begin([...brokers.keys()]);
  for (const { secretFile } of agents.values()) secretFile.start();
}

function aborted(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve();
  return new Promise((resolve) => {
    signal.addEventListener('abort', () => resolve(), { once: true });
  });
}
