import type { Answer, HttpAnswer, Outcome } from '../../domain/outcome.ts';
import { defaultTtlMs } from '../../domain/token.ts';
import { credential } from '../../platform/fingerprint.ts';
import { type AnswerBody, isObject, readBody, textField } from '../answer/body.ts';
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
import { readErrorBody } from './error-body.ts';
import { type ErrorMeaning, meaningOf } from './error-codes.ts';

/**
 * What an answer to an exchange means (DESIGN §3, "understood"). When nothing here fits, the answer leaves the exchange in
 * doubt: it may have happened. No detail quotes the server, as a server may well quote the secret: details carry the
 * status, codes of the API's list, and the origin of a redirect.
 */
export function interpret(answer: Answer): Outcome {
  if (answer.kind !== 'http') return outcomeWithoutAnswer(answer);
  if (!answer.complete) return inDoubt(answer, cutOff);
  const body = readBody(answer.body);
  if (answer.status >= 200 && answer.status < 300) return interpretSuccess(answer, body);
  if (answer.status >= 300 && answer.status < 500) return interpretComplaint(answer, body);
  return inDoubt(answer, saysNothing);
}

/** Milliseconds a token lives at most (API page, "Create Agent Session"). */
const maxTtlMs = 15_552_000_000;

/**
 * Lenient on purpose: with a status that says "granted" the old secret is spent, and a server that changed the rest of its
 * schema must not cost us the new one. Hence only the two texts that matter are demanded.
 */
function interpretSuccess(answer: HttpAnswer, body: AnswerBody): Outcome {
  const value = body.kind === 'json' ? body.value : null;
  const token = textField(value, 'access_token');
  const newSecret = textField(value, 'new_secret');
  if (token === null || newSecret === null)
    return inDoubt(answer, 'the answer holds no access_token and new_secret', somethingElse);
  return {
    kind: 'granted',
    token: credential(token),
    ttlMs: ttlMs(isObject(value) ? value['ttl'] : undefined),
    newSecret: credential(newSecret),
  };
}

function ttlMs(value: unknown): number {
  return typeof value === 'number' && value >= 1 ? Math.min(Math.floor(value), maxTtlMs) : defaultTtlMs;
}

/** 3xx and 4xx. Understood with the API's error body; a redirect, 404 and 429 also with no body at all. */
function interpretComplaint(answer: HttpAnswer, body: AnswerBody): Outcome {
  const { status } = answer;
  const error = readErrorBody(body);
  if (error === null && !(body.kind === 'empty' && (status < 400 || status === 404 || status === 429))) {
    return inDoubt(answer, notOfTheApi, somethingElse);
  }
  const detail = `the server ${describeAnswer(answer, error?.code ?? null)}`;
  const meaning = meaningOf(error?.code ?? null);
  if (status < 400) return { kind: 'misconfigured', detail };
  if (status === 429 || meaning === 'limit')
    return { kind: 'rate-limited', detail, retryAfterMs: retryAfterMs(answer.headers) };
  if (status === 400 && (meaning === 'agent' || meaning === 'unspecific')) return { kind: 'refused', detail };
  if ((status === 401 || status === 403) && meaning === 'agent') return { kind: 'refused', detail };
  if (isMisconfiguration(status, meaning))
    return { kind: 'misconfigured', detail: `${detail}: ${status === 404 ? noSuchApi : badRequest}` };
  return { kind: 'server-trouble', detail, retryAfterMs: retryAfterMs(answer.headers) };
}

function isMisconfiguration(status: number, meaning: ErrorMeaning): boolean {
  if (status === 401 || status === 403) return false;
  return meaning === 'request' || misconfiguredStatuses.has(status);
}
