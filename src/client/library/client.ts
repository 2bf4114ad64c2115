import { setTimeout as sleep } from 'node:timers/promises';
import { TokenwardClientError } from './client-error.ts';
import type * as declared from './declaration.ts';
import { SocketTokenClient } from './token-client.ts';

/** The package's `tokenward/client`. `declaration.ts` is published as its types, so what is exported here must be what it declares. */

const systemClock: declared.ClientClock = {
  monotonicMs: () => performance.now(),
  wallMs: () => Date.now(),
  sleep: async (ms, signal) => sleep(ms, undefined, { signal }),
};

function createTokenClient({
  socketPath = process.env['TOKENWARD_SOCKET'] ?? '/run/tokenward/tokenward.sock',
  agent,
  marginMs = 30_000,
  clock = systemClock,
  random = Math.random,
}: declared.TokenClientOptions = {}): declared.TokenClient {
  return new SocketTokenClient({ socketPath, agent: agent ?? null, marginMs, clock, random });
}

({ createTokenClient, TokenwardClientError }) satisfies typeof declared;

export { createTokenClient, TokenwardClientError };
