import { it } from 'vitest';
import { busFaults } from '../../support/keyring-faults.ts';
import {
  faultBeforeSaving,
  faultBeforeStart,
  faultWhileRunning,
  killBeforeSaving,
} from '../../support/keyring-situations.ts';
import { keyringParts } from '../../support/keyring.ts';
import { describePart } from '../../support/parts.ts';

describePart(keyringParts, 'D-Bus that fails before the start', () => {
  it.concurrent.each(busFaults)('$name', faultBeforeStart);
});

describePart(keyringParts, 'D-Bus that fails while the daemon runs, with a refresh due', () => {
  it.concurrent.each(busFaults)('$name', faultWhileRunning);
});

describePart(keyringParts, 'D-Bus that fails between the answer and its saving', () => {
  it.concurrent.each(busFaults)('$name', faultBeforeSaving);
});

describePart(keyringParts, 'a daemon killed while D-Bus keeps it from saving', () => {
  it.concurrent.each(busFaults)('$name', killBeforeSaving);
});
