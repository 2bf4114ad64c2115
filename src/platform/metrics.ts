import type { AgentLabel } from '../domain/status.ts';
import { CounterData, HistogramData, gaugeOf, type MetricData } from './metric-data.ts';

/**
 * What Prometheus scrapes. Numbers are kept here as plain data, cheap enough for every request; prom-client, which turns them
 * into text, is loaded by the first scrape, so that a daemon that nobody scrapes does not carry it.
 */
export interface Metrics {
  /** One exchange that ended, however it ended; `seconds` from sending to the end of the answer. */
  exchange(agent: string, outcome: string, seconds: number): void;
  /** A new secret was saved; `seconds` from the last byte of the answer until it was durable. */
  persisted(agent: string, seconds: number): void;
  /** One answered request; `route` is the pattern, never the path that was asked. */
  request(route: string, status: number): void;
  /** Somebody begins (1) or ceases (-1) to wait for news of an agent. */
  watching(kind: WatchKind, change: 1 | -1): void;
  /** The text of a scrape (Prometheus text format 0.0.4). */
  render(): Promise<string>;
}

/** How somebody waits: with a request that is not answered yet, or in a stream of events. */
export type WatchKind = 'wait' | 'events';

/** The state of one agent at the moment of a scrape. */
export interface AgentGauges {
  readonly agent: string;
  readonly state: AgentLabel;
  readonly generation: number;
  /** Unix time in seconds; null where there is no token. */
  readonly tokenExpiresAt: number | null;
}

export interface MetricsOptions {
  readonly version: string;
  /** Asked at each scrape. */
  readonly agents: () => readonly AgentGauges[];
}

export const METRICS_CONTENT_TYPE = 'text/plain; version=0.0.4; charset=utf-8';

const STATES: readonly AgentLabel[] = [
  'standby',
  'lost',
  'revoked',
  'blocked',
  'unprovisioned',
  'degraded',
  'acquiring',
  'expired',
  'active',
];

export function createMetrics({ version, agents }: MetricsOptions): Metrics {
  const { exchanges, durations, persists, requests } = createMeters();
  const watchers: Record<WatchKind, number> = { wait: 0, events: 0 };
  return {
    exchange(agent, outcome, seconds) {
      exchanges.add(agent, outcome);
      durations.observe(agent, seconds);
    },
    persisted: (agent, seconds) => persists.observe(agent, seconds),
    request: (route, status) => requests.add(route, String(status)),
    watching: (kind, change) => (watchers[kind] += change),
    render: () =>
      render([
        ...agentGauges(agents()),
        watcherGauge(watchers),
        exchanges.read(),
        durations.read(),
        persists.read(),
        requests.read(),
        gaugeOf('tokenward_build_info', 'Always 1; the labels tell the version of tokenward and of Node.', [
          { labels: { version, node: process.version }, value: 1 },
        ]),
      ]),
  };
}

function createMeters() {
  return {
    exchanges: new CounterData('tokenward_exchanges_total', 'Exchanges that ended, by outcome.', [
      'agent',
      'outcome',
    ]),
    durations: new HistogramData(
      'tokenward_exchange_duration_seconds',
      'From sending an exchange to the end of its answer.',
      'agent',
      [0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 20],
    ),
    persists: new HistogramData(
      'tokenward_persist_duration_seconds',
      'From the last byte of an answer until the new secret is durable.',
      'agent',
      [0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1],
    ),
    requests: new CounterData(
      'tokenward_http_requests_total',
      'Answered requests of the local API, by route and status.',
      ['route', 'status'],
    ),
  };
}

function agentGauges(agents: readonly AgentGauges[]): readonly MetricData[] {
  return [
    gaugeOf(
      'tokenward_token_expiry_timestamp_seconds',
      'When the current token expires, as Unix time. Absent where there is no token.',
      agents.flatMap(({ agent, tokenExpiresAt }) =>
        tokenExpiresAt === null ? [] : [{ labels: { agent }, value: tokenExpiresAt }],
      ),
    ),
    gaugeOf(
      'tokenward_secret_generation',
      'How many secrets the agent has had; each rotation adds one.',
      agents.map(({ agent, generation }) => ({ labels: { agent }, value: generation })),
    ),
    gaugeOf(
      'tokenward_agent_state',
      'One for the state that the agent is in, zero for the others.',
      agents.flatMap(({ agent, state }) =>
        STATES.map((each) => ({ labels: { agent, state: each }, value: each === state ? 1 : 0 })),
      ),
    ),
  ];
}

function watcherGauge(watchers: Readonly<Record<WatchKind, number>>): MetricData {
  const values = Object.entries(watchers).map(([kind, value]) => ({ labels: { kind }, value }));
  return gaugeOf(
    'tokenward_watchers',
    'Clients that wait for news of an agent now: with a request, or in a stream of events.',
    values,
  );
}

async function render(data: readonly MetricData[]): Promise<string> {
  const { AggregatorRegistry } = await import('prom-client');
  return AggregatorRegistry.aggregate([data]).metrics();
}
