import { expect, it } from 'vitest';
import { credential, fingerprintOf } from '../../../src/platform/fingerprint.ts';

it('names a text by its SHA-256', () => {
  // FIPS 180-4, example "abc"
  expect(fingerprintOf('abc')).toBe(
    'sha256:ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad',
  );
});

it('makes a credential of a text, which then only reveal shows', () => {
  const made = credential('abc');
  expect(made.fingerprint).toBe(fingerprintOf('abc'));
  expect(made.text.reveal()).toBe('abc');
  expect(JSON.stringify(made)).not.toContain('abc"');
});
