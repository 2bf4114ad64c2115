import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { credentialTypes } from '../../src/emulator/f5-xc/credential-store.ts';
import type { Fault } from '../../src/emulator/faults.ts';
import {
  adminToken,
  bulkRevokePath,
  credentialsPath,
  HttpsEmulator,
  type Reply,
} from './emulator/https-emulator.ts';

let server: HttpsEmulator;

beforeEach(async () => {
  server = await HttpsEmulator.start();
});
afterEach(async () => {
  await server[Symbol.asyncDispose]();
});

function seen(reply: Reply): unknown {
  return { status: reply.status, body: JSON.parse(reply.text) as unknown };
}

/** F5's errors: a JSON string is the whole body. */
function error(status: number, text: RegExp = /./): unknown {
  return { status, body: expect.stringMatching(text) as string };
}

function answer(marked: readonly string[], failed: readonly string[] = [], message = ''): unknown {
  const body = {
    credentials_failed: failed,
    credentials_marked_for_deletion: marked,
    error_message: message,
  };
  return { status: 200, body };
}

function create(...names: readonly string[]): readonly string[] {
  return server.emulator.f5Xc.createCredentials(names).map((credential) => credential.token);
}

function byName(...names: readonly string[]): unknown {
  return { name_selector: { names } };
}

function expired(type?: string): object {
  return { expired_selector: { all: {}, credential_type: type } };
}

function list(token: string): Promise<Reply> {
  return server.get(credentialsPath, { headers: { authorization: `APIToken ${token}` } });
}

async function listedNames(): Promise<readonly string[]> {
  const { items } = JSON.parse((await list(adminToken)).text) as { items: { name: string }[] };
  return items.map((item) => item.name);
}

describe('the list of credentials', () => {
  it('shows names, types, expiry and marks, and no token', async () => {
    const [token = ''] = create('web-03');
    await server.bulkRevoke(byName('web-03'));
    const expiry = '2027-04-01T00:00:00.000Z';
    const entry = { name: 'web-03', namespace: 'system', type: 'API_TOKEN', expiry };
    const reply = await list(adminToken);
    expect(seen(reply)).toEqual({
      status: 200,
      body: { items: [{ ...entry, active: false, marked_for_deletion: true }] },
    });
    expect(reply.text).not.toContain(token);
  });

  it('is for live credentials only', async () => {
    const soon = { expiresAtMs: server.nowMs + 1_000 };
    const [expiring] = server.emulator.f5Xc.createCredentials(['expiring'], soon);
    const [disabled = '', good = ''] = create('disabled', 'good');
    const tokens = [expiring?.token ?? '', disabled, good];
    const statuses = async () => Promise.all(tokens.map(async (token) => (await list(token)).status));
    expect(await statuses()).toEqual([200, 200, 200]);
    await server.bulkRevoke(byName('disabled'));
    server.advance(1_000);
    expect(await statuses()).toEqual([401, 401, 200]);
    for (const headers of [{}, { authorization: `Bearer ${good}` }, { authorization: 'APIToken unknown' }])
      expect(seen(await server.get(credentialsPath, { headers }))).toEqual(error(401));
  });
});

describe('a bulk revocation', () => {
  it('disables at once and removes later', async () => {
    create('a', 'b');
    server.emulator.f5Xc.credentials.removalMs = 5_000;
    expect(seen(await server.bulkRevoke(byName('a')))).toEqual(answer(['a']));
    server.advance(4_999);
    expect(await listedNames()).toEqual(['a', 'b']);
    server.advance(1);
    expect(await listedNames()).toEqual(['b']);
    expect(server.emulator.state().f5Xc.credentials).toEqual({ listed: 1, marked: 0, removed: 1 });
    expect(seen(await server.bulkRevoke(byName('a')))).toEqual(answer([], ['a'], 'a: not found'));
  });

  it('marks what it can, and tells the rest', async () => {
    create('a', 'b', 'always', 'twice');
    server.emulator.f5Xc.failRevocations(['always'], 'always');
    server.emulator.f5Xc.failRevocations(['twice'], 2);
    await server.bulkRevoke(byName('b'));
    const names = byName('a', 'a', 'b', 'always', 'twice', 'absent');
    const why =
      'b: already marked for deletion; always: internal error, try again; twice: internal error, try again; absent: not found';
    expect(seen(await server.bulkRevoke(names))).toEqual(
      answer(['a'], ['b', 'always', 'twice', 'absent'], why),
    );
    const again = byName('always', 'twice');
    expect(seen(await server.bulkRevoke(again))).toMatchObject(
      answer([], ['always', 'twice'], expect.any(String) as string) as object,
    );
    expect(seen(await server.bulkRevoke(again))).toEqual(
      answer(['twice'], ['always'], 'always: internal error, try again'),
    );
  });

  it('takes 200 names and no more, and keeps its error message short', async () => {
    const names = Array.from({ length: 201 }, (_, index) => `credential-of-a-shipper-${index}`);
    expect(seen(await server.bulkRevoke(byName(...names)))).toEqual(error(400, /1 to 200/));
    const reply = await server.bulkRevoke(byName(...names.slice(1)));
    const { error_message: message } = JSON.parse(reply.text) as { error_message: string };
    expect([reply.status, message.length]).toEqual([200, 1_024]);
  });

  it('lets 450 be revoked in three requests', async () => {
    const creation = { prefix: 'svc-', count: 450, type: 'SERVICE_API_TOKEN' };
    const created = await server.post('/_emulator/f5-xc/credentials', creation);
    const { items } = JSON.parse(created.text) as { items: { name: string }[] };
    const names = items.map((item) => item.name);
    for (const start of [0, 200, 400]) await server.bulkRevoke(byName(...names.slice(start, start + 200)));
    expect(server.emulator.state()).toMatchObject({
      f5Xc: { batches: [200, 200, 50], credentials: { listed: 450, marked: 450 } },
      requests: { 'f5-revoke': { total: 3, faulted: 0 } },
    });
  });

  it('finds the expired ones of a type', async () => {
    const { f5Xc } = server.emulator;
    const past = { expiresAtMs: server.nowMs };
    for (const type of credentialTypes) f5Xc.createCredentials([`old ${type}`], { type, ...past });
    f5Xc.createCredentials(['new'], { type: 'API_TOKEN' });
    expect(seen(await server.bulkRevoke(expired('API_TOKEN')))).toEqual(answer(['old API_TOKEN']));
    expect(seen(await server.bulkRevoke(expired('API_TOKEN')))).toEqual(answer([]));
    expect(seen(await server.bulkRevoke(expired()))).toEqual(answer(['old API_CERTIFICATE']));
    const both = { ...expired('KUBE_CONFIG'), name_selector: { names: ['new'] } };
    expect(seen(await server.bulkRevoke(both))).toEqual(answer(['new', 'old KUBE_CONFIG']));
  });

  it.each([
    ['malformed JSON', '{', /not a JSON object/],
    ['no selector', {}, /one of name_selector and expired_selector/],
    ['no names', { name_selector: {} }, /1 to 200/],
    ['an empty list', { name_selector: { names: [] } }, /1 to 200/],
    ['an empty name', { name_selector: { names: [''] } }, /1 to 200/],
    ['no all', { expired_selector: { credential_type: 'API_TOKEN' } }, /the member all/],
    ['an unknown type', { expired_selector: { all: {}, credential_type: 'TOKEN' } }, /must be one of/],
  ])('with %s is answered 400', async (_, body, text) => {
    expect(seen(await server.bulkRevoke(body))).toEqual(error(400, text));
    expect(server.emulator.state().f5Xc.batches).toEqual([]);
  });

  it('is for administrators, in the namespace system', async () => {
    const [token = ''] = create('a');
    const [other] = server.emulator.f5Xc.createCredentials(['second-admin'], { admin: true });
    expect(seen(await server.post(bulkRevokePath, byName('a')))).toEqual(error(401));
    expect(seen(await server.bulkRevoke(byName('a'), 'unknown'))).toEqual(error(401));
    expect(seen(await server.bulkRevoke(byName('a'), token))).toEqual(error(403));
    const elsewhere = bulkRevokePath.replace('system', 'default');
    const headers = { authorization: `APIToken ${adminToken}` };
    expect(seen(await server.post(elsewhere, byName('a'), headers))).toEqual(error(404, /"default"/));
    expect(seen(await server.bulkRevoke(byName('a'), other?.token))).toEqual(answer(['a']));
  });

  it.each([401, 403, 404, 409, 429, 500, 503, 504])('fails with %i on request', async (status) => {
    create('a');
    server.emulator.addFault({ kind: 'status', status, endpoint: 'f5-revoke' });
    expect(seen(await server.bulkRevoke(byName('a')))).toEqual(error(status, /a fault was asked for/));
    expect(seen(await server.bulkRevoke(byName('a')))).toEqual(answer(['a']));
  });

  it.each<[Fault, boolean]>([
    [{ kind: 'reset' }, false],
    [{ kind: 'reset', when: 'after-commit' }, true],
    [{ kind: 'truncated' }, true],
  ])('loses its answer to %o: done %s', async (fault, done) => {
    create('a');
    server.emulator.addFault(fault);
    await expect(server.bulkRevoke(byName('a'))).rejects.toMatchObject({ code: 'ECONNRESET' });
    expect(server.emulator.state().f5Xc.credentials.marked).toBe(done ? 1 : 0);
  });

  it('is limited on request', async () => {
    server.emulator.addFault({ kind: 'rate-limited', retryAfterSeconds: 7, endpoint: 'f5-revoke' });
    const reply = await server.bulkRevoke(byName('a'));
    expect([seen(reply), reply.headers['retry-after']]).toEqual([error(429), '7']);
  });
});

describe('the names of credentials', () => {
  it('are taken until the removal', async () => {
    create('a');
    await server.bulkRevoke(byName('a'));
    expect(() => create('b', 'a')).toThrow('a credential "a" already exists');
    expect(() => create('b', 'b')).toThrow('a credential "b" already exists');
    server.advance(60_000);
    create('b', 'a');
    expect(await listedNames()).toEqual(['b', 'a']);
  });
});
