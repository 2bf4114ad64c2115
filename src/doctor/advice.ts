import type { TokenwardError } from '../domain/errors.ts';

/** What was found, and what to do about it. */
export interface Advised {
  readonly detail: string;
  readonly mend: string;
}

/**
 * Takes a sentence of this program apart: its errors say what happened, and behind the last semicolon (in those of the HTTP
 * client: behind the first colon) what to do. `otherwise` stands in where a sentence gives no advice.
 */
export function advisedBy(sentence: string, otherwise: string): Advised {
  const end = sentence.lastIndexOf('; ');
  const at = end === -1 ? sentence.indexOf(': ') : end;
  if (at === -1) return { detail: sentence, mend: otherwise };
  return { detail: sentence.slice(0, at), mend: sentence.slice(at + 2).replace(/^run: /, '') };
}

export function advisedByError({ message, code }: TokenwardError, otherwise: string) {
  return { ...advisedBy(message, otherwise), code };
}
