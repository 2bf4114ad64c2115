import { TokenwardError } from '../domain/errors.ts';
import { Secret } from '../domain/secret.ts';

/** A credential as a person or a program hands it over, whichever way it comes in. */

/** Bytes that it may have, a trailing newline not counted. More is something else, given by mistake. */
export const maxSecretBytes = 16 * 1024;

// eslint-disable-next-line no-control-regex -- finding control characters is the point
const controlCharacter = /[\u0000-\u001F\u007F-\u009F]/;

/**
 * Exactly one trailing newline is trimmed (editors and `echo` add it); anything else that cannot be part of a credential is a
 * mistake to be told, not to be mended in silence. `what` names it in the message, which never quotes the input.
 * Throws `SECRET_INPUT_INVALID`.
 */
export function parseSecretInput(bytes: Uint8Array, what: string): Secret {
  const text = decode(bytes, what).replace(/\n$/, '');
  if (text === '') throw invalidSecretInput(`the ${what} is empty; give it on one line`);
  if (Buffer.byteLength(text) > maxSecretBytes) throw secretTooLarge(what);
  if (!controlCharacter.test(text)) return new Secret(text);
  if (text.endsWith('\r') && !controlCharacter.test(text.slice(0, -1))) {
    const advice = "take it away: tr -d '\\r' < FILE > NEW";
    throw invalidSecretInput(`the ${what} ends in a carriage return, as Windows editors write it; ${advice}`);
  }
  const trouble = 'has a line break or another control character in it';
  throw invalidSecretInput(`the ${what} ${trouble}; give it alone, on one line`);
}

export function secretTooLarge(what: string): TokenwardError {
  return invalidSecretInput(`the ${what} is larger than ${maxSecretBytes} bytes; give it alone, on one line`);
}

export function invalidSecretInput(message: string, cause?: unknown): TokenwardError {
  return new TokenwardError('SECRET_INPUT_INVALID', message, cause === undefined ? {} : { cause });
}

function decode(bytes: Uint8Array, what: string): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch (error) {
    throw invalidSecretInput(`the ${what} is not UTF-8 text; give it as plain text`, error);
  }
}
