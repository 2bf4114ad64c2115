import { type ErrorCode, errorClasses } from '../../src/domain/errors.ts';
import { problemStatus } from '../../src/serve/problem.ts';
import { count, ref, type Schema, text } from './schema.ts';

/** Errors as answers: their schema, and the responses by status that an operation can give. */

export const problemSchemas: Readonly<Record<string, Schema>> = {
  ErrorCode: {
    type: 'string',
    description:
      'A stable name for what went wrong: the part to match on. docs/errors.md has a heading for each, with what to do. Later versions may have more of them; treat one that you do not know as its HTTP status says.',
    enum: Object.keys(errorClasses),
  },
  Problem: {
    type: 'object',
    description: 'An error as RFC 9457 has it, with a stable code.',
    properties: {
      type: text('The code as a URI.', { format: 'uri', pattern: '^urn:tokenward:error:[A-Z_]+$' }),
      title: text('The code in words.'),
      status: count('The HTTP status of this answer.', { minimum: 400, maximum: 599 }),
      detail: text(
        'What happened, to what, and what to do, in a sentence for people. Its wording may change.',
      ),
      code: ref('ErrorCode'),
      agent: text('The agent as the path names it; missing where the path names none.'),
      retry_after: count('Whole seconds after which another try makes sense; the same as Retry-After.', {
        minimum: 1,
      }),
    },
    required: ['type', 'title', 'status', 'detail', 'code'],
    examples: [
      {
        type: 'urn:tokenward:error:TOKEN_UNAVAILABLE',
        title: 'token unavailable',
        status: 503,
        detail: 'agent web-01 has no valid token (acquiring); ask again later, or see its status',
        code: 'TOKEN_UNAVAILABLE',
        agent: 'web-01',
        retry_after: 2,
      },
    ],
  },
};

/** A code under its own status, or under another one where the request gives it another weight. */
type Cause = ErrorCode | { readonly code: ErrorCode; readonly status: number };

const meanings: Readonly<Record<number, string>> = {
  400: 'The request is not understood.',
  403: 'The caller may not do this here; the detail says who the kernel says it is.',
  404: 'There is nothing of that name.',
  409: 'Not as things stand; a person or another call must change them first.',
  422: 'The server refused the secret. It is kept, and not sent again.',
  429: 'Too often; come back after Retry-After.',
  500: 'A bug in tokenward; please report it.',
  502: 'The server that issues the tokens cannot be reached, or has a trouble of its own.',
  503: 'Not now; try again.',
};

interface ProblemNotes {
  /** Statuses that always tell when to come back. */
  readonly alwaysRetry?: readonly number[];
}

/** The error responses of an operation, by status. */
export function problems(
  causes: readonly Cause[],
  notes: ProblemNotes = {},
): Readonly<Record<string, Schema>> {
  const alwaysRetry = [429, ...(notes.alwaysRetry ?? [])];
  const codesOf = new Map<number, ErrorCode[]>();
  for (const cause of causes) {
    const { code, status } =
      typeof cause === 'string' ? { code: cause, status: problemStatus[cause] } : cause;
    codesOf.set(status, [...(codesOf.get(status) ?? []), code]);
  }
  const sorted = [...codesOf].toSorted(([a], [b]) => a - b);
  return Object.fromEntries(
    sorted.map(([status, codes]) => [status, problem(status, codes, alwaysRetry.includes(status))]),
  );
}

function problem(status: number, codes: readonly ErrorCode[], alwaysRetries: boolean): Schema {
  const retries = alwaysRetries || status === 409 || status >= 502;
  return {
    description: `${meanings[status]} Codes: ${codes.map((code) => `\`${code}\``).join(', ')}.`,
    headers: {
      'Cache-Control': { $ref: '#/components/headers/NoStore' },
      ...(retries && {
        'Retry-After': { $ref: `#/components/headers/${alwaysRetries ? 'RetryAfter' : 'PerhapsRetryAfter'}` },
      }),
    },
    content: { 'application/problem+json': { schema: ref('Problem') } },
    'x-tokenward-codes': codes,
  };
}
