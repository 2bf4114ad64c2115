import { TokenwardError } from '../domain/errors.ts';
import { Secret } from '../domain/secret.ts';

/** Bytes that a handed-over secret may have, its trailing newline not counted. */
export const maxSecretBytes = 16 * 1024;

// eslint-disable-next-line no-control-regex -- finding control characters is the point
const controlCharacter = /[\u0000-\u001F\u007F-\u009F]/;

/**
 * A secret as a person or a program hands it over. Exactly one trailing newline is trimmed (editors and `echo` add it);
 * anything else that cannot be part of a secret is a mistake to be told, not to be mended in silence.
 * Throws `SECRET_INPUT_INVALID`; the message never quotes the input.
 */
export function parseSecretInput(bytes: Uint8Array): Secret {
  const text = decode(bytes).replace(/\n$/, '');
  if (text === '') throw invalid('the secret is empty; send its text as the body of the request');
  if (Buffer.byteLength(text) > maxSecretBytes) throw secretTooLarge();
  if (controlCharacter.test(text)) {
    throw invalid(
      'the secret has a line break or another control character in it; send the secret alone, on one line',
    );
  }
  return new Secret(text);
}

export function secretTooLarge(): TokenwardError {
  return invalid(`the secret is larger than ${maxSecretBytes} bytes; send the secret alone`);
}

function decode(bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch (error) {
    throw invalid('the secret is not UTF-8 text; send it as plain text', error);
  }
}

function invalid(message: string, cause?: unknown): TokenwardError {
  return new TokenwardError('SECRET_INPUT_INVALID', message, cause === undefined ? {} : { cause });
}
