import { jsonAnswer, type ApiAnswer, type ErrorWording } from '../api.ts';
import { isObject, readJson, type JsonObject } from '../json.ts';

/** Those of the API's `errorCode` values that the emulator answers by itself; a fault may ask for any other. */
type VcfLogsErrorCode = 'API_ERROR' | 'FIELD_ERROR' | 'JSON_FORMAT_ERROR' | 'AGENT_ERROR' | 'SECURITY_ERROR';

export const vcfLogsWording: ErrorWording = {
  error: (_, errorMessage, errorCode = 'API_ERROR') => ({ errorCode, errorDetails: {}, errorMessage }),
  limit: (errorMessage) => ({ errorCode: 'LIMIT_ERROR', errorDetails: {}, errorMessage }),
};

/** The API's `ErrorBody`. */
export function errorAnswer(
  status: number,
  errorCode: VcfLogsErrorCode,
  errorMessage: string,
  note?: string,
): ApiAnswer {
  return jsonAnswer(status, { errorCode, errorDetails: {}, errorMessage }, note ?? errorMessage);
}

/** A JSON object from a request's body, or the 400 that the API gives instead. */
export function readJsonObject(
  body: Buffer,
): { readonly fields: JsonObject } | { readonly refusal: ApiAnswer } {
  const value = readJson(body);
  if (isObject(value)) return { fields: value };
  return { refusal: errorAnswer(400, 'JSON_FORMAT_ERROR', 'the request body is not a JSON object') };
}
