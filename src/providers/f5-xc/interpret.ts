import type { Answer, Outcome } from '../../domain/outcome.ts';
import { describeAnswer } from '../answer/describe.ts';
import {
  badRequest,
  inDoubt,
  isHtml,
  misconfiguredStatuses,
  notOfTheApi,
  outcomeWithoutAnswer,
  saysNothing,
  somethingElse,
} from '../answer/outcomes.ts';
import { retryAfterMs } from '../answer/retry-after.ts';

/**
 * What an answer says of the credential that was shown. The status decides: errors are a JSON text of any content (API page "Bulk
 * Revoke service credential"), which is never quoted, and of a body that is cut off nothing is missing. A page for people is not
 * the API's, whatever its status.
 */
export function interpret(answer: Answer): Outcome {
  if (answer.kind !== 'http') return outcomeWithoutAnswer(answer);
  const { status, headers } = answer;
  const detail = `the server ${describeAnswer(answer, null)}`;
  if (status >= 300 && status < 400) return { kind: 'misconfigured', detail };
  if (status === 429) return { kind: 'rate-limited', detail, retryAfterMs: retryAfterMs(headers) };
  if (status >= 500 && status < 600)
    return { kind: 'server-trouble', detail, retryAfterMs: retryAfterMs(headers) };
  if (status === 404) return { kind: 'misconfigured', detail: `${detail}: ${nothingThere}` };
  if (isHtml(answer)) return interpretPage(status, detail, inDoubt(answer, notOfTheApi, somethingElse));
  if (status >= 200 && status < 300) return { kind: 'granted', token: null, ttlMs: null, newSecret: null };
  if (status === 401) return { kind: 'refused', detail };
  if (status === 403) return { kind: 'misconfigured', detail: `${detail}: ${noPermission}` };
  if (status === 400 || misconfiguredStatuses.has(status))
    return { kind: 'misconfigured', detail: `${detail}: ${badRequest}` };
  return inDoubt(answer, saysNothing);
}

/** With 2xx it is the console's own login page, which a wrong path leads to. */
function interpretPage(status: number, detail: string, otherwise: Outcome): Outcome {
  return status >= 200 && status < 300
    ? { kind: 'misconfigured', detail: `${detail} with a page in HTML: ${notThePath}` }
    : otherwise;
}

const nothingThere = 'there is nothing at this path; check url and probe.path';
const notThePath = 'url and probe.path must lead to the API, and not to the console';
const noPermission =
  'the credential is known and may not read this; give it a role that may, or choose another probe.path';
