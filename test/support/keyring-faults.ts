import { rm } from 'node:fs/promises';
import type { TestKeyring } from './keyring.ts';

/** A way in which a keyring is of no use, and the way back. */
export interface KeyringFault {
  readonly name: string;
  readonly strike: (keyring: TestKeyring) => Promise<void>;
  readonly mend: (keyring: TestKeyring) => Promise<void>;
  /** What an operator is told. */
  readonly told: RegExp;
}

const hung = /did not answer within \d+ ms.*restart gnome-keyring-daemon/;
const gone = /no keychain can be reached.*start gnome-keyring in the D-Bus session of this user/;

export const keyringFaults: readonly KeyringFault[] = [
  {
    name: 'locked',
    strike: (keyring) => keyring.lock(),
    mend: (keyring) => keyring.unlock(),
    told: /the keyring is locked; unlock it/,
  },
  {
    name: 'stopped',
    strike: async (keyring) => keyring.signalDaemon('SIGSTOP'),
    mend: async (keyring) => keyring.signalDaemon('SIGCONT'),
    told: hung,
  },
  {
    name: 'killed',
    strike: (keyring) => keyring.killDaemon(),
    mend: (keyring) => keyring.startDaemon(),
    told: gone,
  },
];

export const busFaults: readonly KeyringFault[] = [
  {
    name: 'stopped',
    strike: async (keyring) => keyring.signalBus('SIGSTOP'),
    mend: async (keyring) => keyring.signalBus('SIGCONT'),
    told: hung,
  },
  {
    name: 'killed',
    strike: (keyring) => keyring.killBus(),
    mend: newSession,
    told: gone,
  },
  {
    name: 'without its socket file',
    strike: (keyring) => rm(keyring.busSocket),
    mend: newSession,
    told: gone,
  },
];

/** What logging in anew brings: a bus and a keyring at the places of the old ones. */
async function newSession(keyring: TestKeyring): Promise<void> {
  await keyring.killDaemon();
  await keyring.killBus();
  await keyring.restartBus();
  await keyring.startDaemon();
}
