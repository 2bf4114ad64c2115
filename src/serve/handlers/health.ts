import { servesAsStandby } from '../../domain/standby.ts';
import type { AgentStatus } from '../../domain/status.ts';
import { METRICS_CONTENT_TYPE } from '../../platform/metrics.ts';
import type { Agent } from '../../ports/agent.ts';
import type { Handler } from '../call.ts';
import type { ServeMetrics } from '../dependencies.ts';
import { bytesReply, jsonReply, noStore, textReply } from '../reply.ts';

/** What supervisors and scrapers ask. */

/** `GET /healthz`: that this runs at all is the answer. */
export const healthz: Handler = () => textReply(200, 'ok');

/** `GET /readyz`: whether every agent has a valid token that a restart would not lose. */
export function readyz(agents: () => ReadonlyMap<string, Agent>): Handler {
  return () => {
    const statuses = [...agents().values()].map((agent) => agent.status());
    const ready = statuses.every(isReady);
    return jsonReply(ready ? 200 : 503, { ready, agents: statuses.map(summaryOf) });
  };
}

function isReady({ state, token, secret }: AgentStatus): boolean {
  const serves =
    state === 'active' || state === 'degraded' || (state === 'standby' && servesAsStandby(secret));
  return serves && token.status === 'valid' && secret.persisted;
}

function summaryOf(status: AgentStatus) {
  return { agent: status.agent, state: status.state, ready: isReady(status) };
}

/** `GET /metrics` */
export function metrics(source: ServeMetrics): Handler {
  return async () =>
    bytesReply(200, await source.render(), { contentType: METRICS_CONTENT_TYPE, headers: noStore });
}
