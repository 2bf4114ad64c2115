import { describe, expect, it } from 'vitest';
import { Secret } from '../../../src/domain/secret.ts';
import { createOnezoneAdmin } from '../../../src/providers/onezone/admin.ts';
import { startAdminServer, type AdminAnswer } from './admin-server.ts';

async function revoke(answer: AdminAnswer) {
  await using server = await startAdminServer(answer);
  const admin = createOnezoneAdmin({
    http: server.http,
    credential: new Secret('r00t-token'),
    anotherName: (name) => name,
  });
  const [result] = await Promise.allSettled([admin.revokeTokens(new AbortController().signal)]);
  return { result, requests: server.requests };
}

describe('the administration of onezone tokens', () => {
  it('revokes all temporary ones, as the page has it', async () => {
    const { result, requests } = await revoke(() => ({ status: 204 }));
    expect(result).toMatchObject({ status: 'fulfilled' });
    expect(requests).toEqual([
      expect.objectContaining({
        method: 'DELETE',
        path: '/api/v3/onezone/provider/tokens/temporary',
        body: '',
      }),
    ]);
    expect(requests[0]?.headers).toMatchObject({ 'x-auth-token': 'r00t-token' });
  });

  it.each([
    ['as the page has it', (error: object) => ({ error })],
    ['without the member around it', (error: object) => error],
  ])('is told of an error %s', async (_form, shape) => {
    const body = shape({ id: 'unauthorized', details: {}, description: 'No r00t-token for you.' });
    const { result } = await revoke(() => ({ status: 401, body }));
    expect(result).toMatchObject({
      reason: {
        code: 'SERVER_REFUSED',
        message:
          'cannot revoke all temporary tokens: the server answered 401 unauthorized "No [secret] for you."; use an admin credential that is valid and may revoke tokens: the root token of the provider, or a named one',
      },
    });
  });

  it.each([
    [200, 'SERVER_TROUBLE'],
    [400, 'SERVER_REFUSED'],
    [403, 'SERVER_REFUSED'],
    [404, 'SERVER_MISCONFIGURED'],
    [500, 'SERVER_TROUBLE'],
  ])('is not done by %d', async (status, code) => {
    const { result } = await revoke(() => ({ status, body: { error: { id: 'x', description: 'y' } } }));
    expect(result).toMatchObject({ reason: { code, fields: { status } } });
  });
});
