import type { Answer, HttpAnswer, Outcome } from '../../domain/outcome.ts';
import { describeAnswer } from './describe.ts';
import { retryAfterMs } from './retry-after.ts';

/** What holds of an answer whatever the product: that it never came, that it is not the product's, that it finds fault with the request. */

/** Of a request without an answer. */
export function outcomeWithoutAnswer(answer: Exclude<Answer, HttpAnswer>): Outcome {
  return answer.kind === 'not-sent'
    ? { kind: 'not-sent', code: answer.code, detail: answer.reason }
    : { kind: 'in-doubt', detail: lostTexts[answer.reason], retryAfterMs: null };
}

export const lostTexts: Readonly<Record<Extract<Answer, { kind: 'unanswered' }>['reason'], string>> = {
  reset: 'the connection ended without an answer',
  timeout: 'no answer came in time',
  aborted: 'the attempt was given up without an answer',
  protocol: 'the answer was not HTTP',
};

export function inDoubt(answer: HttpAnswer, why: string, advice = ''): Outcome {
  return {
    kind: 'in-doubt',
    detail: `${why}: the server ${describeAnswer(answer, null)}${advice}`,
    retryAfterMs: retryAfterMs(answer.headers),
  };
}

export const cutOff = 'the answer was cut off or too large';
export const saysNothing = 'the answer does not say what became of the request';
export const notOfTheApi = 'the answer is not one of the API';
export const noSuchApi = 'there is no such API at this address; check url and the version of the server';
export const badRequest =
  'it does not understand our request; check url, provider and the version of the server';
export const somethingElse =
  '; a firewall, a proxy or a login page may answer in place of the server, or url is not the address of its API';

/** Statuses that speak of our address or of the form of our request (RFC 9110 §15.5). */
export const misconfiguredStatuses: ReadonlySet<number> = new Set([
  404, 405, 406, 407, 410, 411, 413, 414, 415, 417, 421, 422, 426, 431,
]);

/** A page for people: of a login, a firewall, a proxy. */
export function isHtml({ headers, body }: HttpAnswer): boolean {
  if (/^\s*(text\/html|application\/xhtml)/i.test(headers['content-type'] ?? '')) return true;
  const begin = new TextDecoder().decode(body.subarray(0, 256));
  return /^\s*<(!doctype|html|head|body)/i.test(begin);
}
