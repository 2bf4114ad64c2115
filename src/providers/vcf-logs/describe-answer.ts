import type { HttpAnswer } from '../../domain/outcome.ts';

/** What the server did, for people, as the end of a sentence that begins with it. Quotes nothing but status, known codes and origin. */
export function describeAnswer(
  { status, headers }: HttpAnswer,
  error: { readonly code: string | null } | null,
): string {
  if (status >= 300 && status < 400) {
    return `answered with a redirect (${status}) to ${originOf(headers.location)}; set url to the final address`;
  }
  return error?.code ? `answered ${status} ${error.code}` : `answered ${status}`;
}

function originOf(location: string | undefined): string {
  if (location === undefined) return 'nowhere';
  const url = URL.parse(location);
  return url !== null && ['http:', 'https:'].includes(url.protocol) ? url.origin : 'another path';
}
