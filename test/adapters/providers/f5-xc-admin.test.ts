import { describe, expect, it } from 'vitest';
import { Secret } from '../../../src/domain/secret.ts';
import { createF5XcAdmin } from '../../../src/providers/f5-xc/admin.ts';
import { startAdminServer, type AdminAnswer } from './admin-server.ts';

const signal = new AbortController().signal;

/** What comes of one request, and the request. */
async function ask(answer: AdminAnswer, selection: Parameters<Revoke>[0] = { names: ['a', 'b'] }) {
  await using server = await startAdminServer(answer);
  const admin = createF5XcAdmin({
    http: server.http,
    credential: new Secret('adm1n-credential'),
    anotherName: (name) => name,
  });
  const [result] = await Promise.allSettled([admin.revokeCredentials.revoke(selection, signal)]);
  return { result, requests: server.requests };
}

type Revoke = ReturnType<typeof createF5XcAdmin>['revokeCredentials']['revoke'];

describe('the administration of f5-xc credentials', () => {
  it('revokes by name, as the page has it', async () => {
    const { result, requests } = await ask(() => ({
      status: 200,
      body: {
        credentials_failed: ['b'],
        credentials_marked_for_deletion: ['a'],
        error_message: 'b: in use\nby adm1n-credential',
      },
    }));
    expect(result).toMatchObject({
      value: { marked: ['a'], failed: ['b'], message: 'b: in use by [secret]' },
    });
    expect(requests).toEqual([
      expect.objectContaining({
        method: 'POST',
        path: '/api/web/namespaces/system/bulk_revoke/service_credentials',
        body: '{"name_selector":{"names":["a","b"]}}',
      }),
    ]);
    expect(requests[0]?.headers).toMatchObject({
      authorization: 'APIToken adm1n-credential',
      'content-type': 'application/json',
    });
  });

  it('revokes what has expired, of one type', async () => {
    const { result, requests } = await ask(() => ({ status: 200, body: {} }), {
      expired: 'SERVICE_API_TOKEN',
    });
    expect(JSON.parse(requests[0]?.body ?? '')).toEqual({
      expired_selector: { all: {}, credential_type: 'SERVICE_API_TOKEN' },
    });
    expect(result).toMatchObject({ value: { marked: [], failed: [], message: null } });
  });

  it.each([
    [401, 'SERVER_REFUSED', /answered 401 "told why"; use an admin credential .* revoke credentials/],
    [403, 'SERVER_REFUSED', /answered 403 "told why"; use an admin credential/],
    [404, 'SERVER_MISCONFIGURED', /answered 404/],
    [409, 'SERVER_REFUSED', /answered 409 "told why"/],
    [429, 'SERVER_RATE_LIMITED', /answered 429 "told why"/],
    [500, 'SERVER_TROUBLE', /answered 500; .* asking again does no harm/],
    [503, 'SERVER_TROUBLE', /answered 503/],
    [504, 'SERVER_TROUBLE', /answered 504/],
  ])('is told of %d', async (status, code, message) => {
    const { result } = await ask(() => ({ status, headers: { 'retry-after': '7' }, body: '"told why"' }));
    expect(result).toMatchObject({
      reason: {
        code,
        fields: { status },
        retryAfterMs: 7_000,
        message: expect.stringMatching(message) as string,
      },
    });
  });

  it.each(['[]', '', '<html>'])('does not take 200 with %j for an answer', async (body) => {
    const { result } = await ask(() => ({ status: 200, body }));
    expect(result).toMatchObject({ reason: { code: 'SERVER_TROUBLE', fields: { status: 200 } } });
  });

  it('knows nothing after a connection that was cut', async () => {
    const { result } = await ask(() => 'cut');
    expect(result).toMatchObject({ reason: { code: 'SERVER_TROUBLE', fields: {} } });
  });

  it('takes no credential with the word before it', () => {
    const credential = new Secret('APIToken abc');
    const open = () => createF5XcAdmin({ http: null as never, credential, anotherName: String });
    expect(open).toThrow(/begins with "APIToken"; give the token alone/);
  });
});
