import type { HttpAnswer } from '../../domain/outcome.ts';

/**
 * Retry-After (RFC 9110 §10.2.3) in milliseconds; null where it is absent or malformed. A date counts from the answer's own
 * Date header, since there is no clock here and the server's may differ from ours; without that header it says nothing.
 */
export function retryAfterMs(headers: HttpAnswer['headers']): number | null {
  const value = headers['retry-after']?.trim() ?? '';
  if (/^\d{1,9}$/.test(value)) return Number(value) * 1000;
  const then = httpDate(value);
  const now = httpDate(headers.date?.trim() ?? '');
  return then === null || now === null ? null : Math.max(0, then - now);
}

/** Only dates that name their zone: others would be read in this host's. */
function httpDate(text: string): number | null {
  const ms = /^[A-Z][a-z]+, .* GMT$/.test(text) ? Date.parse(text) : Number.NaN;
  return Number.isFinite(ms) ? ms : null;
}
