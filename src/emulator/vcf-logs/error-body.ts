import { jsonAnswer, type ApiAnswer } from '../api.ts';

/** Those of the API's `errorCode` values that the emulator answers by itself; a fault may ask for any other. */
type VcfLogsErrorCode = 'API_ERROR' | 'FIELD_ERROR' | 'JSON_FORMAT_ERROR' | 'AGENT_ERROR' | 'SECURITY_ERROR';

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
): { readonly fields: Readonly<Record<string, unknown>> } | { readonly refusal: ApiAnswer } {
  const malformed = {
    refusal: errorAnswer(400, 'JSON_FORMAT_ERROR', 'the request body is not a JSON object'),
  };
  try {
    const value: unknown = JSON.parse(body.toString('utf8'));
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return malformed;
    return { fields: value as Record<string, unknown> };
  } catch {
    return malformed; // not JSON: the API's own error says so; the text may be a secret and is not repeated
  }
}

/** The credential of `Authorization: Bearer …`; null without one. */
export function bearer(header: string | undefined): string | null {
  return /^bearer +(\S+)$/i.exec(header ?? '')?.[1] ?? null;
}
