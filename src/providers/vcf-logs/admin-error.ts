import { type ErrorCode, TokenwardError } from '../../domain/errors.ts';
import type { Answer, HttpAnswer } from '../../domain/outcome.ts';
import type { Secret } from '../../domain/secret.ts';
import { readBody } from '../answer/body.ts';
import { describeAnswer } from '../answer/describe.ts';
import { retryAfterMs } from '../answer/retry-after.ts';
import { type ErrorBody, readErrorBody } from './error-body.ts';
import { meaningOf } from './error-codes.ts';

/** What was asked of the server, for error messages. */
export interface AdminTask {
  /** E.g. `create the secret web-01`. */
  readonly text: string;
  /** Whether it changes anything, so that a lost answer leaves something to look after. */
  readonly changes: boolean;
  /** What to do where the server objects to the request itself. */
  readonly ifRefused?: string;
}

/** Why the task was not done, or is not known to be done. `credential` must not come back in the server's words. */
export function adminError(answer: Answer, task: AdminTask, credential: Secret): TokenwardError {
  if (answer.kind === 'not-sent') return new TokenwardError(answer.code, answer.reason);
  if (answer.kind === 'unanswered') return unclear(task, `no answer came (${answer.reason})`);
  if (!answer.complete) return unclear(task, 'the answer was cut off or too large');
  const error = readErrorBody(readBody(answer.body));
  if (answer.status < 300 || answer.status >= 500)
    return unclear(task, `the server ${describeAnswer(answer, error?.code ?? null)}`);
  const code = errorCode(answer, error);
  const words = quote(error?.message ?? null, credential);
  const what = `cannot ${task.text}: the server ${describeAnswer(answer, error?.code ?? null)}${words === '' ? '' : ` "${words}"`}`;
  const wait = retryAfterMs(answer.headers);
  return new TokenwardError(
    code,
    `${what}${advice(answer, error, code, task)}`,
    wait === null ? {} : { retryAfterMs: wait },
  );
}

function errorCode({ status }: HttpAnswer, error: ErrorBody | null): ErrorCode {
  const meaning = meaningOf(error?.code ?? null);
  if (status < 400 || status === 404) return 'SERVER_MISCONFIGURED';
  if (status === 429 || meaning === 'limit') return 'SERVER_RATE_LIMITED';
  return meaning === 'server' ? 'SERVER_TROUBLE' : 'SERVER_REFUSED';
}

function advice({ status }: HttpAnswer, error: ErrorBody | null, code: ErrorCode, task: AdminTask): string {
  if (code === 'SERVER_RATE_LIMITED') return '; try again later';
  if (status === 404) return '; is the name right, and url the address of this API?';
  if (status === 400 && code === 'SERVER_REFUSED')
    return task.ifRefused === undefined ? '' : `; ${task.ifRefused}`;
  if (status !== 401 && status !== 403) return '';
  return error === null
    ? '; the answer is not from the API: a firewall or proxy may stand before it, or the admin credential is wrong'
    : '; use an admin credential that is valid and may manage agent secrets';
}

function unclear({ text, changes }: AdminTask, why: string): TokenwardError {
  const then = changes
    ? 'it may have happened nevertheless, so look at the server before you try again'
    : 'try again';
  return new TokenwardError('SERVER_TROUBLE', `asked the server to ${text}, but ${why}; ${then}`);
}

/** The server's words, fit for a terminal: at most 200 characters, no control characters, the credential struck out. */
function quote(message: string | null, credential: Secret): string {
  return (message ?? '')
    .replaceAll(credential.reveal(), '[secret]')
    .replaceAll(/\p{C}+/gu, ' ')
    .slice(0, 200)
    .trim();
}
