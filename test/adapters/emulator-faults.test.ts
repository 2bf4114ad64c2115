import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Fault } from '../../src/emulator/faults.ts';
import { parseFault } from '../../src/emulator/parse-fault.ts';
import { admin, call, HttpsEmulator, secretsPath } from './emulator/https-emulator.ts';

let server: HttpsEmulator;
let secret: string;

beforeEach(async () => {
  server = await HttpsEmulator.start();
  secret = server.emulator.createSecret('web-01');
});
afterEach(async () => {
  await server[Symbol.asyncDispose]();
});

/** Whether the server rotated, seen from the secret that was presented. */
function committed(): boolean {
  return !server.emulator.honours(secret);
}

describe('faults that still answer', () => {
  const html = 'text/html; charset=utf-8';
  it.each<[Fault, boolean, number, string | undefined, RegExp]>([
    [{ kind: 'status', status: 500 }, false, 500, 'application/json', /"errorCode":"API_ERROR"/],
    [
      { kind: 'status', status: 400, errorCode: 'LICENSE_ERROR' },
      false,
      400,
      'application/json',
      /LICENSE_ERROR/,
    ],
    [{ kind: 'status', status: 502, body: 'html' }, false, 502, html, /An error occurred/],
    [
      { kind: 'status', status: 502, body: 'html', when: 'after-commit' },
      true,
      502,
      html,
      /An error occurred/,
    ],
    [{ kind: 'status', status: 403, body: 'firewall' }, false, 403, html, /Web Page Blocked/],
    [{ kind: 'status', status: 204, body: 'empty', when: 'after-commit' }, true, 204, undefined, /^$/],
    [{ kind: 'status', status: 440, body: 'empty' }, false, 440, undefined, /^$/],
    [{ kind: 'garbage' }, true, 200, 'application/json', /^\{"access_token": "\0/],
    [{ kind: 'garbage', when: 'before-commit' }, false, 200, 'application/json', /^\{"access_token": "\0/],
    [{ kind: 'reshaped' }, true, 200, 'application/json', /^\{"result":\{"accessToken":".+","newSecret":"/],
    [{ kind: 'oversized', bytes: 70_000 }, true, 200, 'application/json', /^ {70000}\{"access_token":/],
    [{ kind: 'oversized' }, true, 200, 'application/json', /^ {1048576}\{"access_token":/],
    [{ kind: 'latency', latencyMs: 1 }, true, 200, 'application/json', /^\{"access_token":/],
    [
      { kind: 'latency', latencyMs: 1, when: 'after-commit' },
      true,
      200,
      'application/json',
      /^\{"access_token":/,
    ],
  ])('%o: committed %s, status %i', async (fault, commits, status, type, body) => {
    server.emulator.addFault(fault);
    const reply = await server.exchange(secret);
    expect([reply.status, reply.headers['content-type'], committed()]).toEqual([status, type, commits]);
    expect(reply.text).toMatch(body);
  });

  it.each<[Fault, string | undefined]>([
    [{ kind: 'rate-limited' }, undefined],
    [{ kind: 'rate-limited', retryAfterSeconds: 30 }, '30'],
    [
      { kind: 'rate-limited', retryAfterSeconds: 90, retryAfterForm: 'date' },
      'Fri, 01 Jan 2027 00:01:30 GMT',
    ],
  ])('%o', async (fault, retryAfter) => {
    server.emulator.addFault(fault);
    const reply = await server.exchange(secret);
    expect([reply.status, reply.headers['retry-after'], committed()]).toEqual([429, retryAfter, false]);
    expect(reply.text).toContain('LIMIT_ERROR');
  });

  it('redirects', async () => {
    server.emulator.addFault({ kind: 'redirect', location: 'https://elsewhere.example/', status: 307 });
    const reply = await server.exchange(secret);
    expect([reply.status, reply.headers['location'], committed()]).toEqual([
      307,
      'https://elsewhere.example/',
      false,
    ]);
  });
});

describe('faults that break the answer', () => {
  it.each<[Fault, boolean]>([
    [{ kind: 'reset' }, false],
    [{ kind: 'reset', when: 'after-commit' }, true],
    [{ kind: 'truncated' }, true],
    [{ kind: 'truncated', keepBytes: 0 }, true],
    [{ kind: 'truncated', keepBytes: 1_000_000 }, true],
  ])('%o: committed %s', async (fault, commits) => {
    server.emulator.addFault(fault);
    await expect(server.exchange(secret)).rejects.toMatchObject({ code: 'ECONNRESET' });
    expect(committed()).toBe(commits);
    server.emulator.setPolicy('reusable');
    expect((await server.exchange(secret)).status).toBe(200);
  });

  it.each<[Fault, boolean]>([
    [{ kind: 'hang' }, false],
    [{ kind: 'hang', when: 'after-commit' }, true],
  ])('%o: committed %s', async (fault, commits) => {
    server.emulator.addFault(fault);
    const patience = new AbortController();
    const body = JSON.stringify({ secret });
    const waiting = call(server.emulator.url, `${secretsPath}/exchange`, {
      method: 'POST',
      body,
      signal: patience.signal,
    });
    await vi.waitFor(() => expect(server.emulator.state().exchanges.faulted).toBe(1));
    patience.abort();
    await expect(waiting).rejects.toMatchObject({ name: 'AbortError' });
    expect(committed()).toBe(commits);
  });

  it('commits after a latency even if the client has gone', async () => {
    server.emulator.addFault({ kind: 'latency', latencyMs: 400 });
    const patience = new AbortController();
    const body = JSON.stringify({ secret });
    const waiting = call(server.emulator.url, `${secretsPath}/exchange`, {
      method: 'POST',
      body,
      signal: patience.signal,
    });
    await vi.waitFor(() => expect(server.emulator.state().exchanges.faulted).toBe(1));
    patience.abort();
    await expect(waiting).rejects.toMatchObject({ name: 'AbortError' });
    expect(committed()).toBe(false);
    await vi.waitFor(() => expect(committed()).toBe(true));
  });

  it('lets go of hanging and waiting requests when it closes', async () => {
    server.emulator.addFault({ kind: 'hang' });
    server.emulator.addFault({ kind: 'reset', latencyMs: 3_600_000 });
    const broken = [server.exchange(secret), server.exchange(secret)].map((waiting) =>
      expect(waiting).rejects.toMatchObject({ code: 'ECONNRESET' }),
    );
    await vi.waitFor(() => expect(server.emulator.state().exchanges.faulted).toBe(2));
    await server.emulator.close();
    await Promise.all(broken);
  });
});

describe('which requests a fault meets', () => {
  it('only those of its endpoint', async () => {
    server.emulator.addFault({ kind: 'status', status: 503, endpoint: 'list' });
    expect((await server.exchange(secret)).status).toBe(200);
    expect((await server.get(secretsPath, { headers: admin })).status).toBe(503);
    expect((await server.get(secretsPath, { headers: admin })).status).toBe(200);
    expect(server.emulator.state()).toMatchObject({
      exchanges: { total: 1, faulted: 0 },
      requests: { list: { total: 2, faulted: 1 } },
    });
  });

  it('the oldest fault first, each as often as asked', async () => {
    server.emulator.addFault({ kind: 'status', status: 500, endpoint: 'any', count: 2 });
    server.emulator.addFault({ kind: 'status', status: 501, endpoint: 'exchange' });
    const statuses: number[] = [];
    for (let time = 0; time < 4; time += 1) statuses.push((await server.exchange(secret)).status);
    expect(statuses).toEqual([500, 500, 501, 200]);
    expect(server.emulator.state().exchanges).toMatchObject({ total: 4, faulted: 3, granted: 1 });
  });

  it('until cleared', async () => {
    server.emulator.addFault({ kind: 'status', status: 500, count: 'until-cleared' });
    for (let time = 0; time < 3; time += 1) expect((await server.exchange(secret)).status).toBe(500);
    expect(server.emulator.state().faults).toHaveLength(1);
    server.emulator.clearFaults();
    expect((await server.exchange(secret)).status).toBe(200);
  });

  it('ingestion too: a token can be refused with any status', async () => {
    const { access_token: token } = await server.grant(secret);
    server.emulator.addFault({ kind: 'status', status: 440, endpoint: 'ingest' });
    const send = () => server.post('/api/v2/events', 'a', { authorization: `Bearer ${token}` });
    expect([(await send()).status, (await send()).status]).toEqual([440, 200]);
  });
});

describe('parseFault', () => {
  it.each([
    [null, 'a fault is a JSON object'],
    [{ kind: 'meteor' }, 'kind must be one of latency, status,'],
    [{ kind: 'toString' }, 'kind must be one of'],
    [{ kind: 'reset', endpoint: 'exchanges' }, 'endpoint must be one of any, exchange,'],
    [{ kind: 'reset', count: 0 }, 'count must be a whole number from 1, or until-cleared'],
    [{ kind: 'reset', wen: 'after-commit' }, 'wen is not a field of this fault; it has kind, endpoint,'],
    [{ kind: 'reset', bytes: 1 }, 'bytes is not a field of this fault'],
    [{ kind: 'latency' }, 'latencyMs must be a whole number'],
    [{ kind: 'status' }, 'status must be a whole number from 200 to 599'],
    [{ kind: 'status', status: 100 }, 'status must be a whole number from 200 to 599'],
    [{ kind: 'truncated', when: 'before-commit' }, 'when must be one of after-commit'],
    [{ kind: 'redirect' }, 'location must be a non-empty text'],
  ])('refuses %o', (value, complaint) => {
    expect(parseFault(value)).toEqual({ complaint: expect.stringContaining(complaint) as string });
  });

  it('is held against faults from the same process, too', () => {
    expect(() => server.emulator.addFault({ kind: 'status', status: 99 })).toThrow('status must be');
  });
});
