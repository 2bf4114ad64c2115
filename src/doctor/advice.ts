import type { TokenwardError } from '../domain/errors.ts';

/** What was found, and what to do about it. */
export interface Advised {
  readonly detail: string;
  readonly mend: string;
}

/**
 * Takes a sentence of this program apart: its errors say what happened, and behind the last semicolon what to do. `otherwise`
 * stands in where a sentence gives no advice.
 */
export function advisedBy(sentence: string, otherwise: string): Advised {
  let at = sentence.lastIndexOf('; ');
  // a second way belongs to the first
  while (at > 0 && sentence.startsWith('or ', at + 2)) at = sentence.lastIndexOf('; ', at - 1);
  return parted(sentence, at, otherwise);
}

/** The same for the reasons of the HTTP client, whose advice stands behind the first colon. */
export function advisedByReason(reason: string, otherwise: string): Advised {
  return parted(reason, reason.indexOf(': '), otherwise);
}

export function advisedByError({ message, code }: TokenwardError, otherwise: string) {
  return { ...advisedBy(message, otherwise), code };
}

function parted(sentence: string, at: number, otherwise: string): Advised {
  if (at === -1) return { detail: sentence, mend: otherwise };
  return { detail: sentence.slice(0, at), mend: sentence.slice(at + 2).replace(/^run: /, '') };
}
