import { type ErrorCode, TokenwardError } from '../domain/errors.ts';
import type { Answer, HttpAnswer } from '../domain/outcome.ts';
import type { Secret } from '../domain/secret.ts';
import { describeAnswer } from './answer/describe.ts';
import { retryAfterMs } from './answer/retry-after.ts';

/** What was asked of the server, for error messages. */
export interface AdminTask {
  /** E.g. `create the secret web-01`. */
  readonly text: string;
  /**
   * What a lost answer leaves behind: `nothing` was to change; it changed or not, and doing it `again` is the same; or somebody
   * must `look` at the server first.
   */
  readonly ifLost: 'nothing' | 'again' | 'look';
  /** What to do where the server objects to the request itself. */
  readonly ifRefused?: string;
}

/** What an answer that is no success says, in the way of its product. */
export interface ServerComplaint {
  /** A word of the API's own list; null where there is none. */
  readonly code: string | null;
  /** For people. */
  readonly message: string | null;
  /** What the code says beyond the status: that it is too much for now, or that the server has a trouble of its own. */
  readonly meaning: 'limit' | 'server' | null;
}

/** What complaints need to know. */
export interface AdminContext {
  /** Must not come back in the server's words. */
  readonly credential: Secret;
  /** What the credential must allow, for advice: `manage agent secrets`. */
  readonly mayDo: string;
  /** null for what is not from the API. */
  readonly readComplaint: (answer: HttpAnswer) => ServerComplaint | null;
}

/** Why the task was not done, or is not known to be done. `fields.status` is the HTTP status where there is one. */
export function adminError(answer: Answer, task: AdminTask, context: AdminContext): TokenwardError {
  if (answer.kind === 'not-sent') return new TokenwardError(answer.code, answer.reason);
  if (answer.kind === 'unanswered') return unclear(task, `no answer came (${answer.reason})`);
  const complaint = context.readComplaint(answer);
  const described = `the server ${describeAnswer(answer, complaint?.code ?? null)}`;
  const wait = retryAfterMs(answer.headers);
  const options = {
    fields: { status: answer.status },
    ...(wait !== null && { retryAfterMs: wait }),
  };
  if (!answer.complete) return unclear(task, 'the answer was cut off or too large', options);
  if (answer.status < 300 || answer.status >= 500) return unclear(task, described, options);
  const code = errorCode(answer, complaint);
  const words = quote(complaint?.message ?? null, context.credential);
  const what = `cannot ${task.text}: ${described}${words === '' ? '' : ` "${words}"`}`;
  return new TokenwardError(code, `${what}${advice(answer, complaint, code, { task, context })}`, options);
}

function errorCode({ status }: HttpAnswer, complaint: ServerComplaint | null): ErrorCode {
  if (status < 400 || status === 404) return 'SERVER_MISCONFIGURED';
  if (status === 429 || complaint?.meaning === 'limit') return 'SERVER_RATE_LIMITED';
  return complaint?.meaning === 'server' ? 'SERVER_TROUBLE' : 'SERVER_REFUSED';
}

function advice(
  { status }: HttpAnswer,
  complaint: ServerComplaint | null,
  code: ErrorCode,
  { task, context }: { readonly task: AdminTask; readonly context: AdminContext },
): string {
  if (code === 'SERVER_RATE_LIMITED') return '; try again later';
  if (status === 404) return '; is the name right, and url the address of this API?';
  if (status === 400 && code === 'SERVER_REFUSED')
    return task.ifRefused === undefined ? '' : `; ${task.ifRefused}`;
  if (status !== 401 && status !== 403) return '';
  return complaint === null
    ? '; the answer is not from the API: a firewall or proxy may stand before it, or the admin credential is wrong'
    : `; use an admin credential that is valid and may ${context.mayDo}`;
}

const afterLoss: Readonly<Record<AdminTask['ifLost'], string>> = {
  nothing: 'try again',
  again: 'it may have happened nevertheless, and asking again does no harm',
  look: 'it may have happened nevertheless, so look at the server before you try again',
};

function unclear(
  { text, ifLost }: AdminTask,
  why: string,
  options: ConstructorParameters<typeof TokenwardError>[2] = {},
): TokenwardError {
  const message = `asked the server to ${text}, but ${why}; ${afterLoss[ifLost]}`;
  return new TokenwardError('SERVER_TROUBLE', message, options);
}

/** The server's words, fit for a terminal: at most 200 characters, no control characters, the credential struck out. */
export function quote(message: string | null, credential: Secret): string {
  return (message ?? '')
    .replaceAll(credential.reveal(), '[secret]')
    .replaceAll(/\p{C}+/gu, ' ')
    .slice(0, 200)
    .trim();
}
