import { createHash } from 'node:crypto';
import { Secret, type Credential, type Fingerprint } from '../domain/secret.ts';

/** The name of a credential: SHA-256 of its text in UTF-8. Credentials are long and random, so a bare hash gives nothing away. */
export function fingerprintOf(text: string): Fingerprint {
  return `sha256:${createHash('sha256').update(text).digest('hex')}`;
}

/** A credential from its text, as it enters the program. */
export function credential(text: string): Credential {
  return { text: new Secret(text), fingerprint: fingerprintOf(text) };
}
