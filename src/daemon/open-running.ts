import { openHost, type HostOptions } from '../composition.ts';
import { descriptionIn } from '../composition/description.ts';
import type { Config } from '../config/config.ts';
import { KeyKeeper } from '../engine/key-keeper.ts';
import { limitLog } from '../platform/limited-log.ts';
import type { RootLog } from '../platform/logger.ts';
import { createMetrics } from '../platform/metrics.ts';
import { createUsers } from '../platform/users.ts';
import { createAlertRouter } from './alerts.ts';
import { closeOutputs, createAgents } from './running-agent.ts';
import { type Running, useAgents } from './running.ts';
import { openServiceManager } from './service-manager.ts';

export interface RunningOptions extends HostOptions {
  readonly version: string;
  readonly log: RootLog;
  /** Path of the OpenAPI document of this program. */
  readonly descriptionFile: string;
}

/** Milliseconds that open requests and pending notices get at the end. */
export const closeDeadlineMs = 2_000;
const closeDeadline = () => AbortSignal.timeout(closeDeadlineMs);

/**
 * Everything of a daemon but what it binds and watches; no agent is started yet. `resources` gets what is to be closed, also
 * where this rejects. `remembers`: whether alerts are taken up from the process before, and kept for the next.
 */
export async function openRunning(
  options: RunningOptions,
  resources: AsyncDisposableStack,
  remembers = true,
): Promise<Running> {
  const { config, version } = options;
  const host = await openHost(options);
  const log = limitLog(options.log, host.clock);
  const metrics = createMetrics({
    version,
    clock: host.clock,
    agents: () => [...running.brokers.values()].map((broker) => broker.gauges()),
  });
  const router = createAlertRouter({ host, log, metrics, config }, remembers);
  const keys = new KeyKeeper({ clock: host.clock, log });
  const service = await openServiceManager({ ...host, log });
  const description = descriptionIn(host.disk, options.descriptionFile);
  const setLogLevel = (level: Config['log']['level']) => options.log.setLevel(level);
  const parts = {
    host,
    users: createUsers(),
    log,
    setLogLevel,
    metrics,
    router,
    keys,
    service,
    description,
    config,
  };
  resources.defer(() => log.close());
  const nobody = { agents: new Map(), brokers: new Map(), listeners: [], freeDescriptors: null };
  const running: Running = { ...parts, ...nobody, watching: false, stopping: false, lostSecret: false };
  resources.defer(() => service.close());
  resources.defer(() => keys.close());
  resources.defer(() => router.close(closeDeadline()));
  resources.defer(async () => {
    await Promise.all([...running.agents.values()].map((agent) => closeOutputs(agent, closeDeadline())));
  });
  const { agents, keepKeys } = await createAgents(running, config.agents);
  useAgents(running, agents);
  keepKeys();
  service.begin(() => [...running.brokers.values()]);
  return running;
}
