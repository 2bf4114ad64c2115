/**
 * POST /api/v2/events and /api/v2/events/ingest/{agentId}. The header that carries the token differs between product
 * versions, so both are taken: `Authorization: Bearer` and `X-JWT-Token`.
 */
import { gunzipSync } from 'node:zlib';
import { jsonAnswer, type ApiAnswer, type ApiRequest } from '../api.ts';
import { bearer, errorAnswer } from './error-body.ts';
import { parseEvents, type EventLedger } from './event-ledger.ts';
import type { TokenLedger } from './token-ledger.ts';

/** Bytes of a request's body, before and after gunzip. */
export const maxIngestBytes = 16 * 1024 * 1024;

export function ingest(request: ApiRequest, tokens: TokenLedger, ledger: EventLedger): ApiAnswer {
  const body = decodeBody(request);
  if (body === null) return errorAnswer(415, 'API_ERROR', 'the body is neither plain nor gzip');
  const events = parseEvents(body);
  const token = bearer(request.headers['authorization']) ?? request.headers['x-jwt-token'] ?? null;
  const holder = token === null ? null : tokens.holder(token);
  if (holder === null) {
    ledger.reject(events);
    return errorAnswer(
      401,
      'SECURITY_ERROR',
      'a valid token is required',
      `rejected ${events.length} events without a valid token`,
    );
  }
  ledger.accept(events);
  return jsonAnswer(
    200,
    { status: 'ok', ingested: events.length },
    `accepted ${events.length} events of ${JSON.stringify(holder)}`,
  );
}

function decodeBody(request: ApiRequest): string | null {
  const encoding = request.headers['content-encoding'] ?? 'identity';
  if (encoding === 'identity') return request.body.toString('utf8');
  if (encoding !== 'gzip') return null;
  try {
    return gunzipSync(request.body, { maxOutputLength: maxIngestBytes }).toString('utf8');
  } catch {
    return null; // damaged or too large once unpacked: answered 415
  }
}
