import { type AnswerBody, isObject, textField } from '../answer/body.ts';

/**
 * Onezone's errors: `{"error": {id, details, description}}`, or what is inside alone. The pages show the form and leave the ids
 * open; those of this table say something else than that a token is bad, whatever the status.
 */

/**
 * - `limit`: too much at once.
 * - `server`: Onezone, or a service behind it, has a trouble of its own.
 * - `lifetime`: tokens may not live for as long as was asked for.
 * - `unspecific`: the status decides.
 */
export type ErrorMeaning = 'limit' | 'server' | 'lifetime' | 'unspecific';

const meanings: Readonly<Record<string, ErrorMeaning>> = {
  externalServiceOperationFailed: 'server',
  internalServerError: 'server',
  limitReached: 'limit',
  noConnectionToClusterNode: 'server',
  noConnectionToOnezone: 'server',
  noConnectionToPeerOneprovider: 'server',
  noServiceNodes: 'server',
  notImplemented: 'server',
  serviceUnavailable: 'server',
  temporaryFailure: 'server',
  timeout: 'server',
  tokenTimeCaveatRequired: 'lifetime',
  unexpectedError: 'server',
};

export interface OnezoneError {
  /** For messages: null where the id has another form than Onezone's ids have, as its text may then be anything. */
  readonly name: string | null;
  readonly meaning: ErrorMeaning;
}

/** null for anything without an id. */
export function readError(body: AnswerBody): OnezoneError | null {
  if (body.kind !== 'json' || !isObject(body.value)) return null;
  const id = textField(body.value['error'], 'id') ?? textField(body.value, 'id');
  if (id === null) return null;
  const isName = /^[a-z][A-Za-z\d]{0,63}$/.test(id);
  return {
    name: isName ? id : null,
    meaning: Object.hasOwn(meanings, id) ? (meanings[id] ?? 'unspecific') : 'unspecific',
  };
}
