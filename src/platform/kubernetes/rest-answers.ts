import type { Status } from 'kubernetes-types/meta/v1.js';
import type { Answer, HttpAnswer } from '../../domain/outcome.ts';
import type { ApiAnswer, ApiRefusal, ApiSilence } from './api.ts';

/** What came over HTTP, as an answer of the API server. */

/** One of a request that was sent whole or not at all. */
export function answerOf<Kind>(answer: Answer): ApiAnswer<Kind> {
  if (answer.kind === 'not-sent') return silent(false, answer.reason);
  if (answer.kind === 'unanswered') return silent(true, answer.reason);
  if (answer.status >= 300) return refusalOf(answer);
  const object = answer.complete ? parsed(answer.body) : null;
  return object === null
    ? silent(true, 'its answer was cut off')
    : { kind: 'object', object: object as Kind };
}

export function refusalOf({ status, headers, body }: Omit<HttpAnswer, 'kind' | 'complete'>): ApiRefusal {
  const { reason, message } = (parsed(body) ?? {}) as Status;
  return {
    kind: 'refused',
    status,
    reason: typeof reason === 'string' ? reason : '',
    message: typeof message === 'string' ? message : '',
    retryAfterMs: retryAfterMs(headers['retry-after']),
  };
}

export function silent(sent: boolean, detail: string): ApiSilence {
  return { kind: 'silent', sent, detail };
}

function parsed(body: Uint8Array): object | null {
  try {
    const value: unknown = JSON.parse(Buffer.from(body).toString('utf8'));
    return typeof value === 'object' ? value : null;
  } catch {
    // a page of something between us and the server
    return null;
  }
}

/** Whole seconds, as API servers give them. */
function retryAfterMs(text: string | undefined): number | null {
  return text !== undefined && /^\d{1,6}$/.test(text) ? Number(text) * 1000 : null;
}
