import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createAuthority, issueLeaf } from '../../../src/emulator/certificates.ts';
import { type Emulator, type EmulatorOptions, startEmulator } from '../../../src/emulator/start-emulator.ts';
import { createHttpClient } from '../../../src/platform/http/client.ts';
import type { ProviderDependencies } from '../../../src/providers/dependencies.ts';

export const adminToken = 'admin-credential';

const day = 86_400_000;

/** The emulator over HTTPS, with a certificate authority of its own, and a client that trusts it. */
export interface EmulatedServer extends AsyncDisposable, ProviderDependencies {
  readonly emulator: Emulator;
}

export async function startEmulatedServer(options: Partial<EmulatorOptions> = {}): Promise<EmulatedServer> {
  const folder = mkdtempSync(join(tmpdir(), 'tokenward-provider-'));
  const validity = { from: new Date(Date.now() - day), to: new Date(Date.now() + day) };
  const authority = createAuthority('test CA', validity);
  const hosts = ['127.0.0.1'];
  const leaf = issueLeaf(authority, { commonName: 'emulator', usage: 'server', validity, hosts });
  const emulator = await startEmulator({ adminToken, tls: leaf, ...options });
  const caFile = join(folder, 'ca.pem');
  writeFileSync(caFile, authority.cert);
  return {
    emulator,
    wallMs: Date.now,
    probe: null,
    tokenHeader: { name: 'Authorization', scheme: 'Bearer' },
    http: createHttpClient({
      url: emulator.url,
      tls: { caFile },
      env: {},
      timeouts: { connectMs: 2_000, headersMs: 500, bodyMs: 500 },
    }),
    async [Symbol.asyncDispose]() {
      await emulator.close();
      rmSync(folder, { recursive: true });
    },
  };
}
