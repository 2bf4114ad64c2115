import { expect, it } from 'vitest';
import { keychainFailure } from '../../../src/secrets/keychain-failure.ts';

/** Sentences as gnome-keyring 42, libsecret 0.20 and GLib really say them. */
const failures = [
  ['write-refused', 'Cannot create an item in a locked collection', 'STORE_LOCKED', 'unlock it'],
  [
    'write-refused',
    'Object does not exist at path “/org/freedesktop/secrets/x”',
    'STORE_LOCKED',
    'unlock it',
  ],
  ['write-refused', 'Prompt was dismissed', 'STORE_LOCKED', 'unlock it'],
  [
    'write-refused',
    "Couldn't create item: An error occurred on the device",
    'STORE_UNAVAILABLE',
    'see to its disk',
  ],
  ['unreachable', 'Cannot autolaunch D-Bus without X11 $DISPLAY', 'STORE_UNREACHABLE', 'D-Bus session'],
  [
    'unreachable',
    'Could not connect: No such file or directory',
    'STORE_UNREACHABLE',
    'set secret: { store: file }',
  ],
  ['not-loaded', 'Failed to load keytar native addon', 'STORE_UNREACHABLE', 'apt-get install libsecret-1-0'],
] as const;

it.each(failures)('%s: %s', (outcome, detail, code, advice) => {
  const error = keychainFailure({ outcome, detail });
  expect(error.code).toBe(code);
  expect(error.message).toContain(advice);
  expect(error.fields).toEqual({ detail });
});
