import type { Answer, HttpAnswer, Outcome } from '../../domain/outcome.ts';
import { credential } from '../../platform/fingerprint.ts';
import { type AnswerBody, readBody, textField } from '../answer/body.ts';
import { describeAnswer } from '../answer/describe.ts';
import {
  badRequest,
  cutOff,
  inDoubt,
  misconfiguredStatuses,
  noSuchApi,
  notOfTheApi,
  outcomeWithoutAnswer,
  saysNothing,
  somethingElse,
} from '../answer/outcomes.ts';
import { retryAfterMs } from '../answer/retry-after.ts';
import { type OnezoneError, readError } from './error-body.ts';

/**
 * What an answer to the request for a temporary token means. Nothing is lost by an answer that nobody understands, as the secret
 * stays what it is: it is `in-doubt`, and asked again. A refusal must be the API's own: 401 or 403 with an error id (DESIGN §3).
 * No detail quotes the server, which may well quote the secret: details carry the status, ids, and the origin of a redirect.
 */
export function interpret(answer: Answer): Outcome {
  if (answer.kind !== 'http') return outcomeWithoutAnswer(answer);
  if (!answer.complete) return inDoubt(answer, cutOff);
  const body = readBody(answer.body);
  if (answer.status >= 200 && answer.status < 300) return interpretSuccess(answer, body);
  return interpretComplaint(answer, readError(body));
}

function interpretSuccess(answer: HttpAnswer, body: AnswerBody): Outcome {
  const token = body.kind === 'json' ? textField(body.value, 'token') : null;
  if (token === null) return inDoubt(answer, 'the answer holds no token', somethingElse);
  return { kind: 'granted', token: credential(token), ttlMs: null, newSecret: null };
}

/** Redirects, 404 and 429 are understood whatever is in them: they cannot have judged the secret. */
function interpretComplaint(answer: HttpAnswer, error: OnezoneError | null): Outcome {
  const { status, headers } = answer;
  const detail = `the server ${describeAnswer(answer, error?.name ?? null)}`;
  if (status >= 300 && status < 400) return { kind: 'misconfigured', detail };
  if (status === 404) return { kind: 'misconfigured', detail: `${detail}: ${noSuchApi}` };
  if (status === 429 || error?.meaning === 'limit')
    return { kind: 'rate-limited', detail, retryAfterMs: retryAfterMs(headers) };
  if (error === null) return inDoubt(answer, status < 500 ? notOfTheApi : saysNothing, adviceFor(status));
  if (status < 400 || status >= 600) return inDoubt(answer, saysNothing);
  if (error.meaning === 'lifetime') return { kind: 'misconfigured', detail: `${detail}: ${tooLong}` };
  if (status >= 500 || error.meaning === 'server')
    return { kind: 'server-trouble', detail, retryAfterMs: retryAfterMs(headers) };
  if (status === 401 || status === 403) return { kind: 'refused', detail };
  if (status === 400 || misconfiguredStatuses.has(status))
    return { kind: 'misconfigured', detail: `${detail}: ${badRequest}` };
  return { kind: 'server-trouble', detail, retryAfterMs: retryAfterMs(headers) };
}

const tooLong = 'tokens may not live for so long there; set a shorter ttl';

function adviceFor(status: number): string {
  return status < 500 ? somethingElse : '';
}
