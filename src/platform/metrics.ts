import type { AgentGauges } from '../domain/agent-gauges.ts';
import type { Clock } from '../ports/clock.ts';
import type { RotationMeter } from '../ports/rotation-meter.ts';
import { AgentMetrics } from './metrics/agent-metrics.ts';
import { AlertMetrics, type ChannelMeter } from './metrics/alert-metrics.ts';
import { ConfigMetrics, type ReloadResult } from './metrics/config-metrics.ts';
import { type HookMeter, HookMetrics } from './metrics/hook-metrics.ts';
import type { MetricData, MetricFamily } from './metrics/metric-data.ts';
import { ProcessMetrics } from './metrics/process-metrics.ts';
import { type ProxyMeter, ProxyMetrics } from './metrics/proxy-metrics.ts';
import { RotationMetrics } from './metrics/rotation-metrics.ts';
import {
  type ConnectionMeter,
  type ListenerKind,
  ServingMetrics,
  type WatchKind,
} from './metrics/serving-metrics.ts';
import { type TokenFileMeter, TokenFileMetrics } from './metrics/token-file-metrics.ts';

/**
 * What Prometheus scrapes: families of metrics, each in a file of its own in `metrics/`. Numbers are kept as plain data, cheap
 * enough for every request; prom-client, which turns them into text, is loaded by the first scrape, so that a daemon that
 * nobody scrapes does not carry it. docs/metrics.md has a row for each metric, and a test compares it with a scrape.
 */
export interface Metrics {
  /** The counters of one agent's rotations; they are shown from now on. The same again for the same name. */
  rotation(agent: string): RotationMeter;
  /** The counters of one token file; they are shown from now on. The same again for the same file. */
  tokenFile(agent: string, path: string): TokenFileMeter;
  /** The series of one hook; they are shown from now on, until they are forgotten. */
  hook(agent: string, hook: string, kind: string): HookMeter;
  forgetHook(agent: string, hook: string): void;
  /** The agent is gone, or is about to be built anew: its series end. What its old meters count is seen by nobody. */
  forget(agent: string): void;
  /** The same for one token file. */
  forgetTokenFile(agent: string, path: string): void;
  /** One answered request; `route` is the pattern, never the path that was asked. */
  request(route: string, status: number): void;
  /** Somebody begins (1) or ceases (-1) to wait for news of an agent. */
  watching(kind: WatchKind, change: 1 | -1): void;
  connections(listener: ListenerKind): ConnectionMeter;
  /** The counters of one agent's injecting proxies; they are shown from now on. The same again for the same name. */
  proxy(agent: string): ProxyMeter;
  /** The counters of one channel of alerts; they are shown from now on, until they are forgotten. */
  alertChannel(channel: string): ChannelMeter;
  forgetAlertChannel(channel: string): void;
  /** The configuration was read again. */
  configReloaded(result: ReloadResult): void;
  /** The text of a scrape (Prometheus text format 0.0.4). */
  render(): Promise<string>;
}

export interface MetricsOptions {
  readonly version: string;
  readonly clock: Pick<Clock, 'now'>;
  /** Asked at each scrape. */
  readonly agents: () => readonly AgentGauges[];
}

export const METRICS_CONTENT_TYPE = 'text/plain; version=0.0.4; charset=utf-8';

export function createMetrics({ version, clock, agents }: MetricsOptions): Metrics {
  const rotation = new RotationMetrics();
  const tokenFiles = new TokenFileMetrics();
  const hooks = new HookMetrics();
  const serving = new ServingMetrics();
  const proxies = new ProxyMetrics();
  const alerts = new AlertMetrics();
  const config = new ConfigMetrics(clock);
  /** In the order of a scrape. */
  const families: readonly MetricFamily[] = [
    new AgentMetrics(agents),
    rotation,
    tokenFiles,
    hooks,
    serving,
    proxies,
    alerts,
    config,
    new ProcessMetrics(version),
  ];
  return {
    rotation: (agent) => rotation.meter(agent),
    tokenFile: (agent, path) => tokenFiles.meter(agent, path),
    hook: (agent, hook, kind) => hooks.meter(agent, hook, kind),
    forgetHook: (agent, hook) => hooks.forgetHook(agent, hook),
    forget(agent) {
      for (const family of families) family.forget?.(agent);
    },
    forgetTokenFile: (agent, path) => tokenFiles.forgetFile(agent, path),
    request: (route, status) => serving.request(route, status),
    watching: (kind, change) => serving.watching(kind, change),
    connections: (listener) => serving.connections(listener),
    proxy: (agent) => proxies.meter(agent),
    alertChannel: (channel) => alerts.meter(channel),
    forgetAlertChannel: (channel) => alerts.forgetChannel(channel),
    configReloaded: (result) => config.reloaded(result),
    async render() {
      const data: MetricData[] = [];
      for (const family of families) data.push(...(await family.read()));
      return textOf(data);
    },
  };
}

async function textOf(data: readonly MetricData[]): Promise<string> {
  const { AggregatorRegistry } = await import('prom-client');
  return AggregatorRegistry.aggregate([data]).metrics();
}
