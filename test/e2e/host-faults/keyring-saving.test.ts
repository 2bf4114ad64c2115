import { it } from 'vitest';
import { keyringFaults } from '../../support/keyring-faults.ts';
import { faultBeforeSaving, killBeforeSaving } from '../../support/keyring-situations.ts';
import { keyringParts } from '../../support/keyring.ts';
import { describePart } from '../../support/parts.ts';

describePart(keyringParts, 'a keyring that fails between the answer and its saving', () => {
  it.concurrent.each(keyringFaults)('$name', faultBeforeSaving);
});

describePart(keyringParts, 'a daemon killed while its keyring fails to save', () => {
  it.concurrent.each(keyringFaults)('$name', killBeforeSaving);
});
