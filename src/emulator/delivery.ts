/** What travels back to the client. Pure: a fault and the true answer go in, what the wire shows comes out. */
import { jsonAnswer, type ApiAnswer, type ErrorWording } from './api.ts';
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
 * (of which only a fault that spoils bodies shows anything). Errors are worded as the product of the route does. `nowMs` dates a `Retry-After`.
 */
export function disturb(fault: Fault, answer: ApiAnswer, wording: ErrorWording, nowMs: number): Delivery {
  switch (fault.kind) {
    case 'latency':
      return { kind: 'answer', answer };
    case 'reset':
    case 'hang':
      return { kind: fault.kind };
    case 'truncated':
      return { kind: 'truncated', answer, keepBytes: bytesKept(fault, Buffer.byteLength(answer.body)) };
    case 'status':
      return { kind: 'answer', answer: statusAnswer(fault, wording) };
    case 'garbage':
      return { kind: 'answer', answer: spoilt(answer, garbageBody) };
    case 'reshaped':
      return { kind: 'answer', answer: spoilt(answer, reshaped(answer.body)) };
    case 'oversized':
      return {
        kind: 'answer',
        answer: spoilt(answer, ' '.repeat(fault.bytes ?? 1024 * 1024) + answer.body),
      };
    case 'rate-limited':
      return { kind: 'answer', answer: rateLimited(fault, wording, nowMs) };
    case 'redirect':
      return {
        kind: 'answer',
        answer: { status: fault.status ?? 302, headers: { location: fault.location }, body: '' },
      };
  }
}

/** A 204 has no body to spoil, so it becomes a 200. */
function spoilt(answer: ApiAnswer, body: string): ApiAnswer {
  return { ...answer, status: answer.status === 204 ? 200 : answer.status, body };
}

/** `{"new_secret": …}` becomes `{"result": {"newSecret": …}}`. */
function reshaped(body: string): string {
  const members: unknown = body === '' ? {} : JSON.parse(body);
  if (typeof members !== 'object' || members === null) return JSON.stringify({ result: members });
  const renamed = Object.entries(members as Record<string, unknown>).map(([name, value]) => [
    camelCase(name),
    value,
  ]);
  return JSON.stringify({ result: Object.fromEntries(renamed) as unknown });
}

function camelCase(name: string): string {
  return name.replaceAll(/_(\w)/g, (_, letter: string) => letter.toUpperCase());
}

function bytesKept(fault: Extract<Fault, { kind: 'truncated' }>, length: number): number {
  return Math.max(0, Math.min(fault.keepBytes ?? Math.floor(length / 2), length - 1));
}

function statusAnswer(fault: Extract<Fault, { kind: 'status' }>, wording: ErrorWording): ApiAnswer {
  const { status } = fault;
  switch (fault.body ?? 'error') {
    case 'error':
      return jsonAnswer(status, wording.error(status, 'a fault was asked for', fault.errorCode));
    case 'html':
      return { status, headers: html, body: htmlPage };
    case 'firewall':
      return { status, headers: html, body: firewallPage };
    case 'empty':
      return { status, headers: {}, body: '' };
  }
}

function rateLimited(
  fault: Extract<Fault, { kind: 'rate-limited' }>,
  wording: ErrorWording,
  nowMs: number,
): ApiAnswer {
  const refusal = jsonAnswer(429, wording.limit('too many requests'));
  const seconds = fault.retryAfterSeconds;
  if (seconds === undefined) return refusal;
  const retryAfter =
    fault.retryAfterForm === 'date' ? new Date(nowMs + seconds * 1_000).toUTCString() : String(seconds);
  return { ...refusal, headers: { ...refusal.headers, 'retry-after': retryAfter } };
}
