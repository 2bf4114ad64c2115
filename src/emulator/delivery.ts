/** What travels back to the client. Pure: a fault and the true answer go in, what the wire shows comes out. */
import { jsonAnswer, type ApiAnswer } from './api.ts';
import type { Fault } from './faults.ts';

export type Delivery =
  | { readonly kind: 'answer'; readonly answer: ApiAnswer }
  /** The head promises the whole body; `keepBytes` bytes of it come. */
  | { readonly kind: 'truncated'; readonly answer: ApiAnswer; readonly keepBytes: number }
  | { readonly kind: 'reset' }
  | { readonly kind: 'hang' };

const html = { 'content-type': 'text/html; charset=utf-8' };
const htmlPage =
  '<html><head><title>Error</title></head><body><center><h1>An error occurred.</h1></center><hr></body></html>\n';
const firewallPage =
  '<html><head><title>Web Page Blocked</title></head><body><h1>Web Page Blocked!</h1>' +
  '<p>The page you requested was blocked by the security policy of your organisation. Support ID: 7204115036692281</p></body></html>\n';
const garbageBody = '{"access_token": "\u0000\ufffd]]>&lt;<<<<';

/**
 * Applies a fault to the answer that the client would have had: the true one after the commit, an empty success before it
 * (of which only a fault that spoils bodies shows anything). `nowMs` dates a `Retry-After`.
 */
export function disturb(fault: Fault, answer: ApiAnswer, nowMs: number): Delivery {
  switch (fault.kind) {
    case 'latency':
      return { kind: 'answer', answer };
    case 'reset':
    case 'hang':
      return { kind: fault.kind };
    case 'truncated':
      return { kind: 'truncated', answer, keepBytes: bytesKept(fault, Buffer.byteLength(answer.body)) };
    case 'status':
      return { kind: 'answer', answer: statusAnswer(fault) };
    case 'garbage':
      return { kind: 'answer', answer: { ...answer, body: garbageBody } };
    case 'reshaped':
      return { kind: 'answer', answer: { ...answer, body: reshaped(answer.body) } };
    case 'oversized':
      return {
        kind: 'answer',
        answer: { ...answer, body: ' '.repeat(fault.bytes ?? 1024 * 1024) + answer.body },
      };
    case 'rate-limited':
      return { kind: 'answer', answer: rateLimited(fault, nowMs) };
    case 'redirect':
      return {
        kind: 'answer',
        answer: { status: fault.status ?? 302, headers: { location: fault.location }, body: '' },
      };
  }
}

/** `{"new_secret": …}` becomes `{"result": {"newSecret": …}}`. */
function reshaped(body: string): string {
  const members = body === '' ? {} : (JSON.parse(body) as Record<string, unknown>);
  const renamed = Object.entries(members).map(([name, value]) => [camelCase(name), value]);
  return JSON.stringify({ result: Object.fromEntries(renamed) as unknown });
}

function camelCase(name: string): string {
  return name.replaceAll(/_(\w)/g, (_, letter: string) => letter.toUpperCase());
}

function bytesKept(fault: Extract<Fault, { kind: 'truncated' }>, length: number): number {
  return Math.min(fault.keepBytes ?? Math.floor(length / 2), length - 1);
}

function statusAnswer(fault: Extract<Fault, { kind: 'status' }>): ApiAnswer {
  const { status } = fault;
  switch (fault.body ?? 'error') {
    case 'error':
      return jsonAnswer(status, {
        errorCode: fault.errorCode ?? 'API_ERROR',
        errorDetails: {},
        errorMessage: 'a fault was asked for',
      });
    case 'html':
      return { status, headers: html, body: htmlPage };
    case 'firewall':
      return { status, headers: html, body: firewallPage };
    case 'empty':
      return { status, headers: {}, body: '' };
  }
}

function rateLimited(fault: Extract<Fault, { kind: 'rate-limited' }>, nowMs: number): ApiAnswer {
  const refusal = jsonAnswer(429, {
    errorCode: 'LIMIT_ERROR',
    errorDetails: {},
    errorMessage: 'too many requests',
  });
  const seconds = fault.retryAfterSeconds;
  if (seconds === undefined) return refusal;
  const retryAfter =
    fault.retryAfterForm === 'date' ? new Date(nowMs + seconds * 1_000).toUTCString() : String(seconds);
  return { ...refusal, headers: { ...refusal.headers, 'retry-after': retryAfter } };
}
