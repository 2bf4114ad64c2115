import { describe, expect, it } from 'vitest';
import { TokenwardError } from '../../src/domain/errors.ts';
import { problemReply, problemStatus } from '../../src/serve/problem.ts';
import type { Reply } from '../../src/serve/reply.ts';

const headersOf = ({ headers }: Reply): Readonly<Record<string, string | undefined>> =>
  Object.fromEntries(headers.flatMap((name, index) => (index % 2 === 0 ? [[name, headers[index + 1]]] : [])));
const documentOf = ({ body }: Reply): unknown => JSON.parse(Buffer.from(body, 'latin1').toString());

describe('problemReply', () => {
  it('is a problem document of RFC 9457 with our code', () => {
    const error = new TokenwardError('IN_DOUBT', 'nobody knows yet; wait', { retryAfterMs: 4001 });
    const reply = problemReply(error, { agent: 'web-01' });
    expect(reply.status).toBe(503);
    expect(documentOf(reply)).toEqual({
      type: 'urn:tokenward:error:IN_DOUBT',
      title: 'in doubt',
      status: 503,
      detail: 'nobody knows yet; wait',
      code: 'IN_DOUBT',
      agent: 'web-01',
      retry_after: 5,
    });
    expect(headersOf(reply)).toMatchObject({
      'Content-Type': 'application/problem+json',
      'Cache-Control': 'no-store',
      'Retry-After': '5',
    });
  });

  it('leaves out what is not known', () => {
    const reply = problemReply(new TokenwardError('NOT_FOUND', 'nothing here'));
    expect(documentOf(reply)).not.toHaveProperty('agent');
    expect(documentOf(reply)).not.toHaveProperty('retry_after');
    expect(headersOf(reply)).not.toHaveProperty('Retry-After');
  });

  it('never asks to come back at once', () => {
    const reply = problemReply(new TokenwardError('RATE_LIMITED', 'later', { retryAfterMs: 0 }));
    expect(headersOf(reply)['Retry-After']).toBe('1');
  });

  it('takes another status where the request gives the code another weight', () => {
    const reply = problemReply(new TokenwardError('SECRET_REVOKED', 'revoked'), { status: 503 });
    expect([reply.status, documentOf(reply)]).toEqual([503, expect.objectContaining({ status: 503 })]);
  });

  it('counts the bytes of text beyond ASCII', () => {
    const reply = problemReply(new TokenwardError('INTERNAL', 'größer – 密'));
    expect(headersOf(reply)['Content-Length']).toBe(String(Buffer.byteLength(reply.body, 'latin1')));
    expect(documentOf(reply)).toMatchObject({ detail: 'größer – 密' });
  });
});

describe('problemStatus', () => {
  it('is a client or server error for every code', () => {
    expect(Object.values(problemStatus).filter((status) => status < 400 || status > 599)).toEqual([]);
  });

  it.each([
    ['PEER_DENIED', 403],
    ['AGENT_UNKNOWN', 404],
    ['RATE_LIMITED', 429],
    ['HANDOVER_REFUSED', 422],
    ['SECRET_INPUT_INVALID', 400],
    ['STATE_UNREADABLE', 409],
    ['STORE_MISMATCH', 409],
    ['TOKEN_UNAVAILABLE', 503],
    ['STORE_LOCKED', 503],
    ['SERVER_UNREACHABLE', 502],
    ['INTERNAL', 500],
  ] as const)('%s is %i', (code, status) => {
    expect(problemStatus[code]).toBe(status);
  });
});
