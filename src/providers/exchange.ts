import type { Answer } from '../domain/outcome.ts';
import type { Secret } from '../domain/secret.ts';
import { noHeaderCarries } from '../domain/token-header.ts';
import type { HttpClient } from '../platform/http/client.ts';
import type { HttpRequest } from '../platform/http/connection.ts';
import type { Provider } from '../ports/provider.ts';

/** {@link Provider.connect} of a product whose exchange is this one request; null for a secret that no header can carry. */
export function exchangeBy(
  http: HttpClient,
  requestFor: (secret: Secret, ttlMs: number) => HttpRequest | null,
): Provider['connect'] {
  return async (signal) => {
    const connection = await http.connect(signal);
    if ('kind' in connection) return connection;
    return {
      async exchange(secret, ttlMs, exchangeSignal) {
        const request = requestFor(secret, ttlMs);
        if (request !== null) return connection.request(request, exchangeSignal);
        await connection.close();
        return secretUnusable;
      },
      close: () => connection.close(),
    };
  };
}

const secretUnusable: Answer = {
  kind: 'not-sent',
  code: 'SECRET_INPUT_INVALID',
  reason: `the secret was not sent: ${noHeaderCarries}; hand over the bare secret`,
};
