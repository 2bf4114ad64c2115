import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createAuthority, issueLeaf, type Leaf, type Validity } from '../../../src/emulator/certificates.ts';

type Authority = ReturnType<typeof createAuthority>;
type LeafOptions = Parameters<typeof issueLeaf>[1];

const day = 86_400_000;

/** From yesterday until tomorrow. */
function goodNow(): Validity {
  return { from: new Date(Date.now() - day), to: new Date(Date.now() + day) };
}

export function newAuthority(commonName = 'test CA'): Authority {
  return createAuthority(commonName, goodNow());
}

/** A server's certificate for localhost and 127.0.0.1, unless told otherwise. */
export function serverLeaf(authority: Authority, options: Partial<LeafOptions> = {}): Leaf {
  return issueLeaf(authority, {
    commonName: 'server',
    usage: 'server',
    validity: goodNow(),
    hosts: ['localhost', '127.0.0.1'],
    ...options,
  });
}

export function clientLeaf(authority: Authority): Leaf {
  return issueLeaf(authority, { commonName: 'agent', usage: 'client', validity: goodNow() });
}

/** A folder that goes with the test. */
export function temporaryFolder(): Disposable & { write(name: string, text: string | Uint8Array): string } {
  const folder = mkdtempSync(join(tmpdir(), 'tokenward-http-'));
  return {
    write(name, text) {
      const path = join(folder, name);
      writeFileSync(path, text);
      return path;
    },
    [Symbol.dispose]: () => rmSync(folder, { recursive: true }),
  };
}
