import type { Secret } from '../../domain/secret.ts';
import type { HttpClient } from '../../platform/http/client.ts';
import type { HttpRequest } from '../../platform/http/connection.ts';
import type { Provider } from '../../ports/provider.ts';
import { vcfLogsCapabilities } from './capabilities.ts';
import { interpret } from './interpret.ts';
import { salvage } from './salvage.ts';

/** The log server of VMware Cloud Foundation. Each exchange replaces the secret (API page "Create Agent Session"). */
export function createVcfLogsProvider({ http }: { readonly http: HttpClient }): Provider {
  return {
    name: 'vcf-logs',
    capabilities: vcfLogsCapabilities,
    async connect(signal) {
      const connection = await http.connect(signal);
      if ('kind' in connection) return connection;
      return {
        exchange: (secret, ttlMs, exchangeSignal) =>
          connection.request(exchangeRequest(secret, ttlMs), exchangeSignal),
        close: () => connection.close(),
      };
    },
    interpret,
    salvage,
  };
}

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
