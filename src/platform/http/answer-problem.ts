import type { ErrorCode } from '../../domain/errors.ts';
import type { Answer, HttpAnswer } from '../../domain/outcome.ts';

/** Why a request that somebody configured did not do what it was for. */
export interface AnswerProblem {
  readonly code: ErrorCode;
  readonly message: string;
  readonly retryAfterMs?: number;
}

export interface RequestWording {
  /** What the request brings. */
  readonly cargo: string;
  /** What to do where it is refused. */
  readonly whenRefused: string;
}

/** null for a status of 2xx. `host` is named, never the path, which may be a secret. */
export function answerProblem(
  answer: Answer,
  host: string,
  { cargo, whenRefused }: RequestWording,
): AnswerProblem | null {
  if (answer.kind === 'not-sent') return { code: answer.code, message: answer.reason };
  if (answer.kind === 'unanswered') {
    const message = `${host} did not answer (${answer.reason}); it may or may not have ${cargo}`;
    return { code: 'SERVER_TROUBLE', message };
  }
  return answer.status >= 200 && answer.status <= 299 ? null : refusal(answer, host, whenRefused);
}

function refusal({ status, headers }: HttpAnswer, host: string, advice: string): AnswerProblem {
  const said = `${host} answered ${status}`;
  const later = retryAfter(headers['retry-after']);
  if (status < 400) {
    const message = `${said}, and redirects are not followed; correct the url`;
    return { code: 'SERVER_MISCONFIGURED', message };
  }
  if (status === 429) return { code: 'SERVER_RATE_LIMITED', message: `${said}: too many requests`, ...later };
  if (status >= 500 || status === 408)
    return { code: 'SERVER_TROUBLE', message: `${said}; look at it there`, ...later };
  return { code: 'SERVER_REFUSED', message: `${said}; ${advice}` };
}

/** Whole seconds (RFC 9110 §10.2.3); a date is not waited for. */
function retryAfter(text: string | undefined): { readonly retryAfterMs?: number } {
  return text !== undefined && /^\d{1,6}$/.test(text) ? { retryAfterMs: Number(text) * 1000 } : {};
}
