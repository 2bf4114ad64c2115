/** Onezone's errors: `{"error": {"id", "details", "description"}}`. Some answers in the field come without the `error` around it. */
import { jsonAnswer, type ApiAnswer, type ErrorWording } from '../api.ts';

export interface OnezoneError {
  readonly status: number;
  readonly id: string;
  readonly description: string;
  readonly details?: Readonly<Record<string, unknown>>;
}

export const unauthorized: OnezoneError = {
  status: 401,
  id: 'unauthorized',
  description: 'You must authenticate yourself to perform this operation.',
};
export const badToken: OnezoneError = {
  status: 401,
  id: 'badToken',
  description: 'Provided token could not be understood by the server.',
};
export const tokenRevoked: OnezoneError = {
  status: 401,
  id: 'tokenRevoked',
  description: 'Provided token has been revoked.',
};
export const forbidden: OnezoneError = {
  status: 403,
  id: 'forbidden',
  description: 'You are not authorized to perform this operation.',
};
export const malformedData: OnezoneError = {
  status: 400,
  id: 'malformedData',
  description: 'Provided data could not be understood by the server.',
};

/** The token's time is over. `validUntil` in seconds since 1970-01-01T00:00:00Z. */
export function timeCaveatUnverified(validUntil: number): OnezoneError {
  return {
    status: 401,
    id: 'tokenCaveatUnverified',
    details: { caveat: { type: 'time', validUntil } },
    description: 'Provided token is not valid - the caveat "time" could not be verified.',
  };
}

export function missingRequiredValue(key: string): OnezoneError {
  const description = `Missing required value: "${key}".`;
  return { status: 400, id: 'missingRequiredValue', details: { key }, description };
}

/** `badValue…`: something in the body is not what it must be. `must` ends the sentence. */
export function badValue(
  id: `badValue${string}`,
  key: string,
  must: string,
  details: Readonly<Record<string, unknown>> = {},
): OnezoneError {
  const description = `Bad value: provided "${key}" must ${must}.`;
  return { status: 400, id, details: { key, ...details }, description };
}

/** The ids of errors that Onezone never answers by itself here, by their status. */
const idsByStatus: Readonly<Record<number, string>> = {
  401: 'unauthorized',
  403: 'forbidden',
  404: 'notFound',
  413: 'malformedData',
  429: 'limitReached',
  503: 'serviceUnavailable',
};

/** Words errors with or without the `error` around them, as `wrapped` says at that moment. */
export class OnezoneWording implements ErrorWording {
  wrapped = true;

  error(status: number, description: string, id?: string): unknown {
    const known = idsByStatus[status] ?? (status >= 500 ? 'internalServerError' : 'badData');
    return this.#value({ status, id: id ?? known, description });
  }

  limit(description: string): unknown {
    return this.error(429, description);
  }

  answer(error: OnezoneError): ApiAnswer {
    return jsonAnswer(error.status, this.#value(error), error.id);
  }

  #value({ id, details = {}, description }: OnezoneError): unknown {
    const error = { id, details, description };
    return this.wrapped ? { error } : error;
  }
}
