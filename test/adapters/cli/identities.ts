import { createAuthority, issueLeaf } from '../../../src/emulator/certificates.ts';

/** An authority that is not the emulator's, and a client certificate from it. */

const hourMs = 3_600_000;
const validity = { from: new Date(Date.now() - hourMs), to: new Date(Date.now() + hourMs) };

export const authority = createAuthority('authority of the clients', validity);
export const issuedClient = issueLeaf(authority, { commonName: 'client', usage: 'client', validity });
