import { type AnswerBody, textField } from '../answer/body.ts';
import { type KnownErrorCode, isKnownErrorCode } from './error-codes.ts';

/** The API's ErrorBody. `code` is null where it is absent or not on the API's list. */
export interface ErrorBody {
  readonly code: KnownErrorCode | null;
  readonly message: string | null;
}

/** A JSON object with a text as errorCode or errorMessage; null for anything else. */
export function readErrorBody(body: AnswerBody): ErrorBody | null {
  if (body.kind !== 'json') return null;
  const code = textField(body.value, 'errorCode');
  const message = textField(body.value, 'errorMessage');
  if (code === null && message === null) return null;
  return { code: code !== null && isKnownErrorCode(code) ? code : null, message };
}
