import { rejectionStatuses } from '../../domain/probe.ts';
import type { Secret } from '../../domain/secret.ts';
import { isHeaderText } from '../../domain/token-header.ts';
import { defaultTtlMs } from '../../domain/token.ts';
import type { HttpRequest } from '../../platform/http/connection.ts';
import type { Provider } from '../../ports/provider.ts';
import type { ProviderDependencies } from '../dependencies.ts';
import { exchangeBy } from '../exchange.ts';
import { probe, type VerdictStatuses } from '../token/probe.ts';
import { onezoneCapabilities } from './capabilities.ts';
import { interpret } from './interpret.ts';

/** Onezone of Onedata: the secret mints temporary tokens and stays what it is. */
export function createOnezoneProvider(dependencies: ProviderDependencies): Provider {
  const { http, wallMs, probe: target, tokenHeader } = dependencies;
  return {
    name: 'onezone',
    capabilities: onezoneCapabilities,
    connect: exchangeBy(http, (secret, ttlMs) =>
      mintingRequest(secret, wallMs() + (ttlMs === 0 ? defaultTtlMs : ttlMs)),
    ),
    interpret,
    ...(target !== null && {
      probe: (token: Secret, signal: AbortSignal) =>
        probe(http, { ...target, tokenHeader, statuses }, token, signal),
    }),
  };
}

/** 403 too: whether it is the token or a right that is missing, a fresh token settles. */
const statuses: VerdictStatuses = { rejected: rejectionStatuses, forbidden: [] };

/** The caveat counts in whole seconds: rounded up, so that no token ends before we think so. */
function mintingRequest(secret: Secret, untilMs: number): HttpRequest | null {
  const text = secret.reveal();
  if (!isHeaderText(text)) return null;
  return {
    method: 'POST',
    path: '/api/v3/onezone/provider/tokens/temporary',
    headers: {
      accept: 'application/json',
      'accept-encoding': 'identity',
      'content-type': 'application/json',
      'x-auth-token': text,
    },
    body: Buffer.from(
      JSON.stringify({
        type: { accessToken: {} },
        caveats: [{ type: 'time', validUntil: Math.ceil(untilMs / 1000) }],
      }),
    ),
  };
}
