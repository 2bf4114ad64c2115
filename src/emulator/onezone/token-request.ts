/** The body of POST /api/v3/onezone/provider/tokens/temporary: `{"type":{"accessToken":{}},"caveats":[{"type":"time","validUntil":…}]}`. */
import { isObject, readJson, type JsonObject } from '../json.ts';
import { badValue, malformedData, missingRequiredValue, type OnezoneError } from './errors.ts';

/** How long the token is to live, in seconds since 1970-01-01T00:00:00Z; or what is wrong. The least of several time caveats counts. */
export function readTokenRequest(
  body: Buffer,
  nowMs: number,
): { readonly validUntil: number } | { readonly error: OnezoneError } {
  const fields = readJson(body);
  if (!isObject(fields)) return { error: malformedData };
  const { type, caveats } = fields;
  if (type !== undefined && !isObject(type))
    return { error: badValue('badValueJSON', 'type', 'be a valid JSON object') };
  if (type !== undefined && !isObject(type['accessToken']))
    return { error: badValue('badValueTokenType', 'type', 'be a valid token type: {"accessToken": {}}') };
  if (caveats === undefined) return { error: missingRequiredValue('caveats') };
  if (!Array.isArray(caveats) || !caveats.every(isObject))
    return { error: badValue('badValueJSON', 'caveats', 'be a list of JSON objects') };
  const unknown = caveats.find((caveat) => caveat['type'] !== 'time');
  if (unknown !== undefined)
    return { error: badValue('badValueCaveat', 'caveats', 'hold time caveats only', { caveat: unknown }) };
  return readTimes(caveats, nowMs);
}

function readTimes(
  caveats: readonly JsonObject[],
  nowMs: number,
): { readonly validUntil: number } | { readonly error: OnezoneError } {
  const times = caveats.map((caveat) => caveat['validUntil']);
  if (times.length === 0) return { error: missingRequiredValue('caveats') };
  if (!times.every((time) => Number.isSafeInteger(time)))
    return { error: badValue('badValueInteger', 'validUntil', 'be an integer') };
  const validUntil = Math.min(...(times as number[]));
  if (validUntil * 1_000 > nowMs) return { validUntil };
  const limit = Math.floor(nowMs / 1_000) + 1;
  return { error: badValue('badValueTooLow', 'validUntil', `be at least ${limit}`, { limit }) };
}
