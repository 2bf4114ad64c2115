import type { AgentGauges } from '../../domain/agent-gauges.ts';
import type { AgentLabel, AlertStatus } from '../../domain/status.ts';
import { gaugeOf, type MetricData, type MetricFamily, type Sample, valuesOf } from './metric-data.ts';

const states = valuesOf<AgentLabel>({
  standby: true,
  lost: true,
  revoked: true,
  blocked: true,
  unprovisioned: true,
  degraded: true,
  acquiring: true,
  expired: true,
  active: true,
});

/** The agents as they are at the moment of a scrape. */
export class AgentMetrics implements MetricFamily {
  readonly #agents: () => readonly AgentGauges[];
  /** The kinds of alerts that were ever seen of each agent: they are shown with 0 when they stand no longer. */
  readonly #seen = new Map<string, Map<string, Pick<AlertStatus, 'code' | 'severity'>>>();

  constructor(agents: () => readonly AgentGauges[]) {
    this.#agents = agents;
  }

  forget(agent: string): void {
    this.#seen.delete(agent);
  }

  read(): readonly MetricData[] {
    const agents = this.#agents();
    const alerts = agents.flatMap((agent) => this.#alerts(agent));
    return [
      ...identity(agents),
      ...tokens(agents),
      ...secrets(agents),
      gaugeOf(
        'tokenward_alert_active',
        'One while the alert stands, zero when it stood before. Absent for what never stood in this process.',
        alerts,
      ),
    ];
  }

  #alerts({ status: { agent, alerts } }: AgentGauges): readonly Sample[] {
    const seen = this.#seen.get(agent) ?? new Map<string, Pick<AlertStatus, 'code' | 'severity'>>();
    this.#seen.set(agent, seen);
    const standing = new Set(alerts.map(keyOf));
    for (const alert of alerts) seen.set(keyOf(alert), alert);
    return [...seen].map(([key, { code, severity }]) => ({
      labels: { agent, code, severity },
      value: standing.has(key) ? 1 : 0,
    }));
  }
}

function keyOf({ code, severity }: Pick<AlertStatus, 'code' | 'severity'>): string {
  return `${code} ${severity}`;
}

function identity(agents: readonly AgentGauges[]): readonly MetricData[] {
  return [
    gaugeOf(
      'tokenward_agent_info',
      'Always 1; the labels tell how the agent is configured.',
      agents.map(({ status: { agent, provider, secret } }) => ({
        labels: { agent, provider, store: secret.store },
        value: 1,
      })),
    ),
    gaugeOf(
      'tokenward_agent_state',
      'One for the state that the agent is in, zero for the others.',
      agents.flatMap(({ status: { agent, state } }) =>
        states.map((each) => ({ labels: { agent, state: each }, value: each === state ? 1 : 0 })),
      ),
    ),
  ];
}

function tokens(agents: readonly AgentGauges[]): readonly MetricData[] {
  return [
    perAgent(agents, 'tokenward_token_valid', 'Whether a token is served: 1 or 0.', ({ status }) =>
      status.token.status === 'valid' ? 1 : 0,
    ),
    perAgent(
      agents,
      'tokenward_token_expiry_timestamp_seconds',
      'When the current token expires, as Unix time. Absent where there is no token.',
      ({ status }) => timestamp(status.token.expires_at),
    ),
    perAgent(
      agents,
      'tokenward_token_ttl_seconds',
      'The life that the current token was given, from the request on. Absent where there is no token.',
      ({ tokenTtlMs }) => seconds(tokenTtlMs),
    ),
    perAgent(
      agents,
      'tokenward_token_refresh_due_timestamp_seconds',
      'When the current token is due for its refresh, as Unix time; it stays when that time has passed. Absent where there is no token.',
      ({ refreshDueAtMs }) => seconds(refreshDueAtMs),
    ),
    perAgent(
      agents,
      'tokenward_next_refresh_timestamp_seconds',
      'When the next exchange is tried, pauses after failures included, as Unix time. Absent where none is planned.',
      ({ status }) => timestamp(status.next_refresh_at),
    ),
    perAgent(
      agents,
      'tokenward_token_sequence',
      'The number of the current token; it goes on across restarts.',
      ({ status }) => status.token.sequence,
    ),
  ];
}

function secrets(agents: readonly AgentGauges[]): readonly MetricData[] {
  return [
    perAgent(
      agents,
      'tokenward_secret_generation',
      'How many secrets the agent has had; each rotation adds one.',
      ({ status }) => status.secret.generation,
    ),
    perAgent(
      agents,
      'tokenward_secret_persisted',
      'Whether the newest secret is durable: 1, or 0 while it is in memory only.',
      ({ status }) => (status.secret.persisted ? 1 : 0),
    ),
    perAgent(
      agents,
      'tokenward_exchange_bucket_level',
      'Exchanges that max_exchanges_per_minute allows at once now. Absent before the first secret.',
      ({ bucketLevel }) => bucketLevel,
    ),
  ];
}

/** One value for each agent that has one. */
function perAgent(
  agents: readonly AgentGauges[],
  name: string,
  help: string,
  valueOf: (agent: AgentGauges) => number | null,
): MetricData {
  const samples = agents.flatMap((gauges) => {
    const value = valueOf(gauges);
    return value === null ? [] : [{ labels: { agent: gauges.status.agent }, value }];
  });
  return gaugeOf(name, help, samples);
}

function timestamp(iso: string | null): number | null {
  return iso === null ? null : Date.parse(iso) / 1000;
}

function seconds(ms: number | null): number | null {
  return ms === null ? null : ms / 1000;
}
