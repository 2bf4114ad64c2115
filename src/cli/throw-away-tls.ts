import { X509Certificate } from 'node:crypto';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { isIP } from 'node:net';
import { join, resolve } from 'node:path';
import { TokenwardError } from '../domain/errors.ts';
import { createAuthority, issueLeaf, type Leaf } from '../emulator/certificates.ts';
import { errorCode } from '../platform/system-error.ts';

/** TLS for the emulator: an authority that nobody keeps the key of, and a server certificate from it. */

export interface ThrowAwayTls {
  /** Absolute path of the authority's certificate, for clients to trust. */
  readonly caFile: string;
  readonly identity: Leaf;
}

const authorityName = 'tokenward emulator throw-away authority';
const dayMs = 86_400_000;
const lifeDays = 30;

/** Writes `ca.pem` into the folder, which is made where missing. Throws `USAGE` where another file of that name is in the way. */
export async function createThrowAwayTls(folder: string, host: string): Promise<ThrowAwayTls> {
  const caFile = resolve(join(folder, 'ca.pem'));
  const nowMs = Date.now();
  const validity = { from: new Date(nowMs - dayMs), to: new Date(nowMs + lifeDays * dayMs) };
  const authority = createAuthority(authorityName, validity);
  const hosts = [...new Set(['localhost', '127.0.0.1', '::1', ...(isIP(host) === 0 ? [] : [host])])];
  const identity = issueLeaf(authority, {
    commonName: 'tokenward emulator',
    usage: 'server',
    validity,
    hosts,
  });
  try {
    await mkdir(folder, { recursive: true });
    await refuseForeign(caFile);
    await writeFile(caFile, authority.cert);
  } catch (error) {
    if (error instanceof TokenwardError) throw error;
    throw new TokenwardError(
      'USAGE',
      `--tls-dir: cannot write ${caFile} (${errorCode(error) ?? 'unknown error'})`,
      { cause: error },
    );
  }
  return { caFile, identity };
}

/** Somebody's real authority may be in that folder. Ours of an earlier start is replaced. */
async function refuseForeign(caFile: string): Promise<void> {
  const text = await readFile(caFile, 'latin1').catch((error: unknown) => {
    if (errorCode(error) === 'ENOENT') return null;
    throw error;
  });
  if (text === null || isOurs(text)) return;
  throw new TokenwardError(
    'USAGE',
    `--tls-dir: ${caFile} is not from the emulator and would be overwritten; name another folder`,
  );
}

function isOurs(text: string): boolean {
  try {
    return new X509Certificate(text).subject === `CN=${authorityName}`;
  } catch {
    return false; // no certificate at all
  }
}
