import { it } from 'vitest';
import { keyringFaults } from '../../support/keyring-faults.ts';
import { faultBeforeStart } from '../../support/keyring-situations.ts';
import { keyringParts } from '../../support/keyring.ts';
import { describePart } from '../../support/parts.ts';

describePart(keyringParts, 'a keyring that fails before the start', () => {
  it.concurrent.each(keyringFaults)('$name', faultBeforeStart);
});
