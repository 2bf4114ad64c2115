import type { HttpAnswer } from '../../domain/outcome.ts';

/**
 * What the server did, for people, as the end of a sentence that begins with it. Quotes nothing but status, origin, and `code`:
 * the name that the product has for the error, null where it has none that may be repeated.
 */
export function describeAnswer({ status, headers }: HttpAnswer, code: string | null): string {
  if (status >= 300 && status < 400) {
    return `answered with a redirect (${status}) to ${originOf(headers.location)}; set url to the final address`;
  }
  return code === null ? `answered ${status}` : `answered ${status} ${code}`;
}

function originOf(location: string | undefined): string {
  if (location === undefined) return 'nowhere';
  const url = URL.parse(location);
  return url !== null && ['http:', 'https:'].includes(url.protocol) ? url.origin : 'another path';
}
