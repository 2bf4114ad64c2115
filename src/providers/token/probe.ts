import type { ErrorCode } from '../../domain/errors.ts';
import type { Answer, HttpAnswer } from '../../domain/outcome.ts';
import type { ProbeVerdict } from '../../domain/probe.ts';
import type { Secret } from '../../domain/secret.ts';
import { noHeaderCarries } from '../../domain/token-header.ts';
import type { HttpClient } from '../../platform/http/client.ts';
import { describeAnswer } from '../answer/describe.ts';
import { isHtml, lostTexts } from '../answer/outcomes.ts';
import { showToken, type TokenRequest } from './show-token.ts';

/** The statuses with which a product says what it thinks of a token. */
export interface VerdictStatuses {
  readonly rejected: readonly number[];
  readonly forbidden: readonly number[];
}

/** Asks once: no retry, no redirect. Never rejects. */
export async function probe(
  http: HttpClient,
  request: TokenRequest & { readonly statuses: VerdictStatuses },
  token: Secret,
  signal: AbortSignal,
): Promise<ProbeVerdict> {
  const shown = showToken(request, token);
  if (shown === null)
    return unknown('SERVER_MISCONFIGURED', `the token cannot be shown to the server: ${noHeaderCarries}`);
  return judgeProbe(await http.send(shown, signal), request.statuses);
}

/** What an answer says of the token that was shown. Of a body that was cut off the status counts all the same. */
export function judgeProbe(answer: Answer, { rejected, forbidden }: VerdictStatuses): ProbeVerdict {
  if (answer.kind === 'not-sent') return unknown(answer.code, answer.reason);
  if (answer.kind === 'unanswered')
    return unknown('SERVER_TROUBLE', `the server was asked about the token: ${lostTexts[answer.reason]}`);
  const { status } = answer;
  const detail = `the server ${describeAnswer(answer, null)} to the token`;
  // whoever answers with a page may have stood in the way before the server saw the token; but 401 is the API's own word
  const isPage = isHtml(answer) && (status < 300 || status === 403);
  if (isPage) return unknown('SERVER_MISCONFIGURED', `${detail}, with a page in HTML; ${checkPath}`);
  if (status >= 200 && status < 300) return { kind: 'works' };
  if (rejected.includes(status)) return { kind: 'rejected', detail };
  if (forbidden.includes(status)) return { kind: 'forbidden', detail: `${detail}; ${giveRights}` };
  const code = codeOf(answer);
  return unknown(code, code === 'SERVER_MISCONFIGURED' ? `${detail}; ${checkPath}` : detail);
}

const checkPath = 'check url, probe.path and token_header';
const giveRights = 'give it the right to read probe.path, or name another path';

function codeOf({ status }: HttpAnswer): ErrorCode {
  if (status === 429) return 'SERVER_RATE_LIMITED';
  return status >= 300 && status < 500 ? 'SERVER_MISCONFIGURED' : 'SERVER_TROUBLE';
}

function unknown(code: ErrorCode, detail: string): ProbeVerdict {
  return { kind: 'unknown', code, detail };
}
