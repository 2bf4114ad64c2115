import { describe, expect, it } from 'vitest';
import { TokenwardError } from '../../../src/domain/errors.ts';
import { Secret } from '../../../src/domain/secret.ts';
import type { Fault } from '../../../src/emulator/faults.ts';
import type { HttpClient } from '../../../src/platform/http/client.ts';
import type { HttpRequest } from '../../../src/platform/http/connection.ts';
import { createVcfLogsAdmin, type VcfLogsAdmin } from '../../../src/providers/vcf-logs/admin.ts';
import { adminToken, startEmulatedServer } from './emulated-server.ts';

const signal = new AbortController().signal;
const adminOf = (http: HttpClient, credential = adminToken): VcfLogsAdmin =>
  createVcfLogsAdmin({
    http,
    credential: new Secret(credential),
    anotherName: (name) => `tokenward enroll web-01 --name ${name}`,
  });

async function errorOf(promise: Promise<unknown>): Promise<TokenwardError> {
  const error: unknown = await promise.then(
    () => null,
    (reason: unknown) => reason,
  );
  if (!(error instanceof TokenwardError)) throw new Error('expected a TokenwardError', { cause: error });
  return error;
}

/** A server that answers everything with one status and body, and notes the requests. */
function answering(
  status: number,
  body: string,
): { readonly http: HttpClient; readonly requests: HttpRequest[] } {
  const requests: HttpRequest[] = [];
  const http: HttpClient = {
    origin: 'https://logs.example.com',
    connect: () => Promise.reject(new Error('send is enough here')),
    send: async (request) => {
      requests.push(request);
      return { kind: 'http', status, headers: {}, body: Buffer.from(body), complete: true };
    },
  };
  return { http, requests };
}

describe('the administration of vcf-logs secrets', () => {
  it('creates a secret that works, lists it, and revokes it', async () => {
    await using server = await startEmulatedServer();
    const admin = adminOf(server.http);
    const created = await admin.createSecret('web-01', signal);
    expect(created).toMatchObject({
      name: 'web-01',
      id: expect.any(String) as string,
      status: expect.any(String) as string,
    });
    expect(server.emulator.honours(created.secret.reveal())).toBe(true);
    const [listed] = await admin.listSecrets(signal);
    expect(listed).toMatchObject({ id: created.id, name: 'web-01', status: created.status });
    expect(listed?.modificationTime).not.toBeNull();
    await admin.revokeSecret('web-01', signal);
    expect(server.emulator.honours(created.secret.reveal())).toBe(false);
  });

  it('keeps a name whole in the path', async () => {
    const { http, requests } = answering(200, '{}');
    await adminOf(http).revokeSecret('a b/../c?d#é', signal);
    expect(requests[0]?.path).toBe('/api/v2/agent/secrets/a%20b%2F..%2Fc%3Fd%23%C3%A9/revoke');
  });

  it.each([
    ['a list', '[{"id":"1","name":"a","status":"ACTIVE","modificationTime":5}]'],
    ['an object with secrets', '{"secrets":[{"id":"1","name":"a","status":"ACTIVE","modificationTime":5}]}'],
    [
      'an object with content',
      '{"content":[{"id":"1","name":"a","status":"ACTIVE","modificationTime":5},{"id":"2"}]}',
    ],
  ])('reads %s', async (_form, body) => {
    const secrets = await adminOf(answering(200, body).http).listSecrets(signal);
    expect(secrets).toEqual([{ id: '1', name: 'a', status: 'ACTIVE', modificationTime: 5 }]);
  });

  it('lists more secrets than an exchange may answer with', async () => {
    await using server = await startEmulatedServer();
    for (let index = 0; index < 1_000; index += 1)
      server.emulator.createSecret(`agent-with-a-long-name-${index}`);
    expect(await adminOf(server.http).listSecrets(signal)).toHaveLength(1_000);
  });
});

describe('what an administrator is told', () => {
  it('of a name that is taken: the words of the server, and what to do', async () => {
    await using server = await startEmulatedServer();
    server.emulator.createSecret('web-01');
    const error = await errorOf(adminOf(server.http).createSecret('web-01', signal));
    expect(error.code).toBe('SERVER_REFUSED');
    expect(error.message).toMatch(
      /^cannot create the secret web-01: the server answered 400 \w+ ".+"; where the name is taken, revoke that secret first, or choose another name: `tokenward enroll web-01 --name web-01-2`$/,
    );
  });

  it('of a wrong admin credential: which one to use', async () => {
    await using server = await startEmulatedServer();
    const error = await errorOf(adminOf(server.http, 'wrong').listSecrets(signal));
    expect(error.code).toBe('SERVER_REFUSED');
    expect(error.message).toMatch(/use an admin credential that is valid and may manage agent secrets$/);
  });

  it('of a server that is away', async () => {
    await using server = await startEmulatedServer();
    await server.emulator.pause();
    expect(await errorOf(adminOf(server.http).listSecrets(signal))).toMatchObject({
      code: 'SERVER_UNREACHABLE',
    });
  });

  it.each<[string, Fault, object]>([
    [
      'an answer that is lost',
      { kind: 'reset', when: 'after-commit' },
      {
        code: 'SERVER_TROUBLE',
        message: expect.stringContaining('may have happened nevertheless, so look at the server') as string,
      },
    ],
    ['an answer cut off', { kind: 'truncated' }, { code: 'SERVER_TROUBLE' }],
    ['garbage', { kind: 'garbage' }, { code: 'SERVER_TROUBLE' }],
    ['a failure', { kind: 'status', status: 500 }, { code: 'SERVER_TROUBLE' }],
    [
      'a licence that ended',
      { kind: 'status', status: 403, errorCode: 'LICENSE_ERROR' },
      { code: 'SERVER_TROUBLE' },
    ],
    [
      'a firewall',
      { kind: 'status', status: 403, body: 'firewall' },
      {
        code: 'SERVER_REFUSED',
        message: expect.stringContaining('a firewall or proxy may stand before it') as string,
      },
    ],
    ['401 with nothing', { kind: 'status', status: 401, body: 'empty' }, { code: 'SERVER_REFUSED' }],
    [
      '404',
      { kind: 'status', status: 404, body: 'html' },
      {
        code: 'SERVER_MISCONFIGURED',
        message: expect.stringContaining('and url the address of this API') as string,
      },
    ],
    [
      'a redirect',
      { kind: 'redirect', location: 'https://other.example.com/x' },
      {
        code: 'SERVER_MISCONFIGURED',
        message: expect.stringContaining('https://other.example.com; set url') as string,
      },
    ],
    [
      'too many requests',
      { kind: 'rate-limited', retryAfterSeconds: 3 },
      { code: 'SERVER_RATE_LIMITED', retryAfterMs: 3_000 },
    ],
  ])('of %s', async (_case, fault, expected) => {
    await using server = await startEmulatedServer();
    server.emulator.addFault({ ...fault, endpoint: 'create' });
    expect(await errorOf(adminOf(server.http).createSecret('web-01', signal))).toMatchObject(expected);
  });

  it.each(['{"id":"1"}', '{"secret":""}', '[]', '', '<html>'])(
    'of 201 with %s, which is no created secret',
    async (body) => {
      const error = await errorOf(adminOf(answering(201, body).http).createSecret('web-01', signal));
      expect(error).toMatchObject({
        code: 'SERVER_TROUBLE',
        message: expect.stringContaining('look at the server before you try again') as string,
      });
    },
  );

  it('never holds the admin credential, control characters, or more than a line', async () => {
    const errorMessage = `bad\u001b[31m token ${adminToken}\r\n${'x'.repeat(1_000)}`;
    const { http } = answering(400, JSON.stringify({ errorMessage }));
    const { message } = await errorOf(adminOf(http).listSecrets(signal));
    expect(message).toContain('"bad [31m token [secret] xxx');
    expect(message).not.toMatch(/admin-credential|\p{C}/u);
    expect(message.length).toBeLessThan(300);
  });

  it.each(['', 'two words', 'line\n', 'ümlaut'])(
    'of a credential that no header can carry: %j',
    (credential) => {
      const { http } = answering(200, '[]');
      expect(() => adminOf(http, credential)).toThrow(
        expect.objectContaining({ code: 'SECRET_INPUT_INVALID' }) as Error,
      );
    },
  );
});
