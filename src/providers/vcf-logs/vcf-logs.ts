import { rejectionStatuses } from '../../domain/probe.ts';
import type { Secret } from '../../domain/secret.ts';
import type { HttpRequest } from '../../platform/http/connection.ts';
import type { Provider } from '../../ports/provider.ts';
import type { ProviderDependencies } from '../dependencies.ts';
import { exchangeBy } from '../exchange.ts';
import { probe, type VerdictStatuses } from '../token/probe.ts';
import { vcfLogsCapabilities } from './capabilities.ts';
import { interpret } from './interpret.ts';
import { salvage } from './salvage.ts';

/** The log server of VMware Cloud Foundation. Each exchange replaces the secret (API page "Create Agent Session"). */
export function createVcfLogsProvider({ http, probe: target, tokenHeader }: ProviderDependencies): Provider {
  return {
    name: 'vcf-logs',
    capabilities: vcfLogsCapabilities,
    connect: exchangeBy(http, exchangeRequest),
    interpret,
    salvage,
    ...(target !== null && {
      probe: (token: Secret, signal: AbortSignal) =>
        probe(http, { ...target, tokenHeader, statuses }, token, signal),
    }),
  };
}

const statuses: VerdictStatuses = { rejected: rejectionStatuses, forbidden: [] };

function exchangeRequest(secret: Secret, ttlMs: number): HttpRequest {
  return {
    method: 'POST',
    path: '/api/v2/agent/secrets/exchange',
    headers: {
      accept: 'application/json',
      'accept-encoding': 'identity',
      'content-type': 'application/json',
    },
    body: Buffer.from(JSON.stringify({ secret: secret.reveal(), ttl: ttlMs })),
  };
}
