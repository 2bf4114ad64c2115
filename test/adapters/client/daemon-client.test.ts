import { chmodSync, linkSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { DaemonClient } from '../../../src/client/daemon-client.ts';
import { sendOverSocket, wasNotSent } from '../../../src/client/socket-request.ts';
import { TokenwardError } from '../../../src/domain/errors.ts';
import { Secret } from '../../../src/domain/secret.ts';
import { FakeDaemon, problem, statusAnswer, type FakeReply } from './fake-daemon.ts';

let folder: string;
let socketPath: string;
let client: DaemonClient;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tokenward-client-'));
  socketPath = join(folder, 'daemon.sock');
  client = new DaemonClient(socketPath);
});

afterEach(() => rmSync(folder, { recursive: true, force: true }));

async function failureOf(work: Promise<unknown>): Promise<TokenwardError> {
  const error = await work.then(
    () => null,
    (reason: unknown) => reason,
  );
  if (error instanceof TokenwardError) return error;
  throw new Error(`no TokenwardError but ${String(error)}`);
}

describe('what is asked', () => {
  const calls: readonly [
    name: string,
    call: () => Promise<unknown>,
    method: string,
    target: string,
    body: string,
  ][] = [
    ['status', () => client.status('web-01'), 'GET', '/v1/agents/web-01', ''],
    ['statuses', () => client.statuses(), 'GET', '/v1/agents', ''],
    ['token', () => client.token('web-01'), 'GET', '/v1/agents/web-01/token', ''],
    ['refresh', () => client.refresh('web-01'), 'POST', '/v1/agents/web-01/refresh', ''],
    [
      'recover',
      () => client.recover('web-01', { action: 'adopt', matter: 'STATE_CLONED', dryRun: false }),
      'POST',
      '/v1/agents/web-01/recover',
      '{"action":"adopt","matter":"STATE_CLONED","dry_run":false}',
    ],
    [
      'tokenRevoked',
      () => client.tokenRevoked('web-01', 'sha256:ab'),
      'POST',
      '/v1/agents/web-01/token/rejections',
      '{"fingerprint":"sha256:ab","status":401,"revoked":true}',
    ],
    [
      'handOver',
      () => client.handOver('web-01', new Secret('s3cret'), 30_000),
      'PUT',
      '/v1/agents/web-01/secret?wait=30000ms',
      's3cret',
    ],
  ];

  it.each(calls)('%s', async (_name, call, method, target, body) => {
    const everything = { ...statusAnswer(), access_token: 't', agents: [], actions: [], sequence: 4 };
    const reply = { status: 200, body: everything, deviates: 'has what every call looks for' };
    await using daemon = await FakeDaemon.listen(socketPath, () => reply);
    await call();
    expect(daemon.requests).toEqual([expect.objectContaining({ method, target, body })]);
  });

  it('sends a secret as plain text', async () => {
    await using daemon = await FakeDaemon.listen(socketPath, () => ({ status: 202, body: statusAnswer() }));
    await client.handOver('web-01', new Secret('géheim'), 0);
    expect(daemon.requests[0]).toMatchObject({ contentType: 'text/plain; charset=utf-8', body: 'géheim' });
  });
});

describe('what is answered', () => {
  it('keeps the text of a token apart from the rest', async () => {
    const body = {
      access_token: 'tok',
      token_type: 'Bearer',
      expires_in: 9,
      expires_at: '2027-01-01T00:30:00Z',
      agent: 'web-01',
      sequence: 4,
    };
    await using _ = await FakeDaemon.listen(socketPath, () => ({ status: 200, body }));
    const { token, details } = await client.token('web-01');
    expect(token.reveal()).toBe('tok');
    expect(JSON.stringify({ token, details })).not.toContain('tok"');
    expect(details).toEqual({
      token_type: 'Bearer',
      expires_in: 9,
      expires_at: '2027-01-01T00:30:00Z',
      agent: 'web-01',
      sequence: 4,
    });
  });

  it.each([
    [200, true],
    [202, false],
  ])('a hand-over answered %i was granted: %s', async (status, granted) => {
    await using _ = await FakeDaemon.listen(socketPath, () => ({ status, body: statusAnswer() }));
    const answer = await client.handOver('web-01', new Secret('s'), 0);
    expect(answer).toEqual({ granted, status: statusAnswer() });
  });

  const problems: readonly [reply: FakeReply, code: string, exitCode: number, retryAfterMs: number | null][] =
    [
      [problem(404, 'AGENT_UNKNOWN'), 'AGENT_UNKNOWN', 64, null],
      [problem(403, 'PEER_DENIED'), 'PEER_DENIED', 77, null],
      [problem(429, 'RATE_LIMITED', { retry_after: 7 }), 'RATE_LIMITED', 75, 7000],
      [problem(409, 'STATE_CLONED'), 'STATE_CLONED', 78, null],
      [problem(502, 'SERVER_UNREACHABLE'), 'SERVER_UNREACHABLE', 69, null],
      [fromTheFuture(503, 'FROM_THE_FUTURE'), 'TOKEN_UNAVAILABLE', 75, null],
      [fromTheFuture(409, 'FROM_THE_FUTURE'), 'REQUEST_INVALID', 64, null],
      [fromTheFuture(500, 'FROM_THE_FUTURE'), 'INTERNAL', 1, null],
      [fromTheFuture(500, 'toString'), 'INTERNAL', 1, null],
      [{ status: 404, body: '<html>', deviates: 'no problem' }, 'NOT_FOUND', 64, null],
      [{ status: 503, body: 'null', deviates: 'no problem' }, 'TOKEN_UNAVAILABLE', 75, null],
    ];

  it.each(problems)('%j', async (reply, code, exitCode, retryAfterMs) => {
    await using _ = await FakeDaemon.listen(socketPath, () => reply);
    const error = await failureOf(client.refresh('web-01'));
    expect(error).toMatchObject({ code, exitCode, retryAfterMs });
  });

  it('a hand-over that the server refused', async () => {
    await using _ = await FakeDaemon.listen(socketPath, () => problem(422, 'HANDOVER_REFUSED'));
    const error = await failureOf(client.handOver('web-01', new Secret('s'), 0));
    expect(error).toMatchObject({ code: 'HANDOVER_REFUSED', exitCode: 77 });
  });

  it('names a code that it does not know', async () => {
    await using _ = await FakeDaemon.listen(socketPath, () => fromTheFuture(503, 'FROM_THE_FUTURE'));
    expect((await failureOf(client.status('web-01'))).message).toBe(
      'told: FROM_THE_FUTURE [FROM_THE_FUTURE]',
    );
  });

  it.each(['', 'hello', '[]', 'null', '{"other":1}'])('takes %j for another program', async (body) => {
    const reply = { status: 200, body, deviates: 'is another program' };
    await using _ = await FakeDaemon.listen(socketPath, () => reply);
    const error = await failureOf(client.token('web-01'));
    expect(error.code).toBe('DAEMON_NOT_RUNNING');
    expect(error.message).toContain('is not a tokenward daemon');
  });
});

describe('proof of a hand-over', () => {
  it('sends nothing that could be taken', async () => {
    await using daemon = await FakeDaemon.listen(socketPath, () => problem(400, 'SECRET_INPUT_INVALID'));
    await client.proveHandOver('web-01');
    expect(daemon.requests).toEqual([expect.objectContaining({ method: 'PUT', body: '' })]);
  });

  it.each([
    ['PEER_DENIED', 403],
    ['AGENT_UNKNOWN', 404],
  ])('passes on %s', async (code, status) => {
    await using _ = await FakeDaemon.listen(socketPath, () => problem(status, code));
    expect((await failureOf(client.proveHandOver('web-01'))).code).toBe(code);
  });
});

describe('nobody to talk to', () => {
  const absences: readonly [what: string, prepare: () => Promise<void>][] = [
    ['no socket', async () => {}],
    ['no folder', async () => rmSync(folder, { recursive: true })],
    ['a file instead of a socket', async () => writeFileSync(socketPath, '')],
    ['a socket that a dead daemon left', leaveDeadSocket],
  ];

  it.each(absences)('%s', async (_what, prepare) => {
    await prepare();
    const error = await failureOf(client.status('web-01'));
    expect(error).toMatchObject({ code: 'DAEMON_NOT_RUNNING', exitCode: 69 });
    expect(error.message).toContain('start the daemon');
    expect(wasNotSent(error)).toBe(true);
  });

  it('a socket of others', async () => {
    await using _ = await FakeDaemon.listen(socketPath, () => 'silence');
    chmodSync(socketPath, 0);
    const error = await asNobody(() => failureOf(client.status('web-01')));
    expect(error).toMatchObject({ code: 'PEER_DENIED', exitCode: 77 });
    expect(wasNotSent(error)).toBe(true);
  });

  it('a daemon that ends meanwhile may have got the request', async () => {
    await using _ = await FakeDaemon.listen(socketPath, () => 'cut');
    const error = await failureOf(client.status('web-01'));
    expect(error.code).toBe('DAEMON_NOT_RUNNING');
    expect(error.message).toContain('ended the connection');
    expect(wasNotSent(error)).toBe(false);
  });

  it('a daemon that hangs is given up', async () => {
    await using _ = await FakeDaemon.listen(socketPath, () => 'silence');
    const request = { method: 'GET', path: '/', body: null, timeoutMs: 50 } as const;
    const error = await failureOf(sendOverSocket(socketPath, request));
    expect(error.message).toContain('did not answer within 0.05 s');
    expect(wasNotSent(error)).toBe(false);
  });

  it('an answer without end is given up', async () => {
    await using _ = await FakeDaemon.listen(socketPath, () => ({
      status: 200,
      body: 'x'.repeat(9_000_000),
      deviates: 'is without end',
    }));
    expect((await failureOf(client.statuses())).code).toBe('DAEMON_NOT_RUNNING');
  });
});

function fromTheFuture(status: number, code: string): FakeReply {
  return { ...problem(status, code), deviates: 'has a code that this version does not know' };
}

/** Node removes the socket of a server that it closes, so another path to it is kept. */
async function leaveDeadSocket(): Promise<void> {
  const server = createServer().listen(join(folder, 'first.sock'));
  await new Promise((resolve) => server.once('listening', resolve));
  linkSync(join(folder, 'first.sock'), socketPath);
  await new Promise((resolve) => server.close(resolve));
}

/** To root every socket is open. */
async function asNobody<T>(work: () => Promise<T>): Promise<T> {
  const uid = process.geteuid?.();
  if (uid === 0) {
    chmodSync(folder, 0o755);
    process.seteuid?.(65_534);
  }
  try {
    return await work();
  } finally {
    if (uid === 0) process.seteuid?.(0);
  }
}
