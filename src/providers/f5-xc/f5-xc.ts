import { TokenwardError } from '../../domain/errors.ts';
import type { Provider } from '../../ports/provider.ts';
import type { ProviderDependencies } from '../dependencies.ts';
import { exchangeBy } from '../exchange.ts';
import { probe, type VerdictStatuses } from '../token/probe.ts';
import { showToken } from '../token/show-token.ts';
import { f5XcCapabilities } from './capabilities.ts';
import { interpret } from './interpret.ts';

/**
 * F5 Distributed Cloud. It has no exchange: the service credential is the token, and an attempt shows it to the server.
 * Throws `CONFIG_INVALID` without `probe`, which says what it is shown for.
 */
export function createF5XcProvider({ http, probe: target, tokenHeader }: ProviderDependencies): Provider {
  if (target === null) {
    const what = 'f5-xc has no exchange, so that a credential is proved by a request that it may make';
    throw new TokenwardError('CONFIG_INVALID', `${what}: set probe.path`);
  }
  const request = { ...target, tokenHeader, statuses };
  return {
    name: 'f5-xc',
    capabilities: f5XcCapabilities,
    connect: exchangeBy(http, (secret) => showToken(request, secret)),
    interpret,
    probe: (token, signal) => probe(http, request, token, signal),
  };
}

const statuses: VerdictStatuses = { rejected: [401], forbidden: [403] };
