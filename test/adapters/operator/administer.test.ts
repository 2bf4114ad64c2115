import { describe, expect, it } from 'vitest';
import type { AgentConfig } from '../../../src/config/config.ts';
import { Secret } from '../../../src/domain/secret.ts';
import { revokeCredentials, revokeTokens, type Administrator } from '../../../src/operator/administer.ts';
import type { Pause } from '../../../src/operator/repeat.ts';
import { startAdminServer } from '../providers/admin-server.ts';

function administrator(url: string, provider: string, pauses: Pause[] = []): Administrator {
  const never = new AbortController().signal;
  return {
    agent: { name: 'edge-01', provider, url, tls: {} } as unknown as AgentConfig,
    env: {},
    credential: new Secret('adm1n-credential'),
    stop: never,
    abandon: never,
    pausing: (pause) => void pauses.push(pause),
  };
}

describe('an administrator', () => {
  it('revokes again after a lost answer, and knows what a failure may mean then', async () => {
    await using server = await startAdminServer((_request, number) =>
      number === 1
        ? 'cut'
        : {
            status: 200,
            body: {
              credentials_failed: ['a'],
              credentials_marked_for_deletion: ['b'],
              error_message: 'a: already marked',
            },
          },
    );
    const pauses: Pause[] = [];
    const { ends } = await revokeCredentials(
      administrator(server.url, 'f5-xc', pauses),
      { names: ['a', 'b'] },
      () => {},
    );
    expect(ends).toEqual([
      {
        name: 'a',
        end: 'failed',
        why: 'a: already marked (asked again after a lost answer: it may have been done then)',
      },
      { name: 'b', end: 'done', why: null },
    ]);
    expect(pauses.map(({ error, attempt }) => [error.code, attempt])).toEqual([['SERVER_TROUBLE', 2]]);
    expect(server.requests.map(({ body }) => body)).toEqual(Array(2).fill(server.requests[0]?.body));
  });

  it('is told where the product has no such thing', async () => {
    await expect(revokeTokens(administrator('http://127.0.0.1:9', 'f5-xc'))).rejects.toMatchObject({
      code: 'USAGE',
      message: 'edge-01 is of f5-xc, which cannot do that',
    });
  });
});
