import { createAuthority, issueLeaf } from '../../../src/emulator/certificates.ts';
import { startEmulator, type Emulator } from '../../../src/emulator/start-emulator.ts';

/** The servers that mistakes are made with; the good one, and some that are good for a lesson. */
export interface Servers extends AsyncDisposable {
  /** PEM of the authority that all certificates are from. */
  readonly ca: string;
  readonly byName: Readonly<Record<ServerName, Emulator>>;
}

export type ServerName = 'good' | 'plain' | 'expired' | 'elsewhere';

export const adminToken = 'administrator-of-the-tests';

const dayMs = 86_400_000;

export async function startServers(): Promise<Servers> {
  const now = Date.now();
  const today = { from: new Date(now - dayMs), to: new Date(now + dayMs) };
  const past = { from: new Date('2020-01-01T00:00:00Z'), to: new Date('2021-01-01T00:00:00Z') };
  const authority = createAuthority('tokenward tests', { from: past.from, to: today.to });
  const leaf = (host: string, validity = today) =>
    issueLeaf(authority, { commonName: 'log server', usage: 'server', validity, hosts: [host] });
  const byName = {
    good: await startEmulator({ adminToken, tls: leaf('127.0.0.1') }),
    plain: await startEmulator({ adminToken }),
    expired: await startEmulator({ adminToken, tls: leaf('127.0.0.1', past) }),
    elsewhere: await startEmulator({ adminToken, tls: leaf('logs.example.com') }),
  };
  byName.good.createSecret('web-01');
  return {
    ca: authority.cert,
    byName,
    async [Symbol.asyncDispose]() {
      for (const server of Object.values(byName)) await server.close();
    },
  };
}
