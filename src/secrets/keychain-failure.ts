import { TokenwardError } from '../domain/errors.ts';
import type { KeychainAnswer } from './keychain-protocol.ts';

type Failure = Exclude<KeychainAnswer, { outcome: 'done' }>;

/**
 * What gnome-keyring and KWallet say when a write needs an unlocked collection: it is locked, the prompt to unlock it was
 * dismissed or has nowhere to appear, or there is no collection yet, which the first unlock makes.
 */
const LOCKED = /locked|prompt|dismissed|does not exist/i;

/** Says what a failure of the keychain means, and what to do. */
export function keychainFailure({ outcome, detail }: Failure): TokenwardError {
  const options = { fields: { detail } };
  switch (outcome) {
    case 'not-loaded':
      return new TokenwardError(
        'STORE_UNREACHABLE',
        'the keychain needs libsecret; install it: apt-get install libsecret-1-0',
        options,
      );
    case 'unreachable':
      return new TokenwardError('STORE_UNREACHABLE', unreachableAdvice(detail), options);
    case 'write-refused':
      return LOCKED.test(detail)
        ? new TokenwardError('STORE_LOCKED', lockedAdvice, options)
        : new TokenwardError(
            'STORE_UNAVAILABLE',
            `the keyring does not take a write (${detail}); see to its disk`,
            options,
          );
  }
}

/** Without `--replace` a second daemon is started, and the one that is asked stays locked. */
const lockedAdvice =
  'the keyring is locked; unlock it, by logging in to its session or with gnome-keyring-daemon --replace --unlock, and tokenward goes on by itself';

function unreachableAdvice(detail: string): string {
  const start = 'start gnome-keyring in the D-Bus session of this user and set DBUS_SESSION_BUS_ADDRESS';
  return `no keychain can be reached (${detail}); on a host without a desktop set secret: { store: file }, else ${start}`;
}
