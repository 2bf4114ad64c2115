import { createAuthority, issueLeaf, type Leaf } from '../../src/emulator/certificates.ts';

export interface ThrowAwayTls {
  /** PEM of an authority whose key nobody has any more. */
  readonly ca: string;
  /** For a server at these names and addresses. */
  readonly identity: Leaf;
}

const dayMs = 86_400_000;

export function throwAwayTls(hosts: readonly string[] = ['127.0.0.1', 'localhost']): ThrowAwayTls {
  const validity = { from: new Date(Date.now() - dayMs), to: new Date(Date.now() + dayMs) };
  const authority = createAuthority('tokenward tests', validity);
  const identity = issueLeaf(authority, {
    commonName: 'log server',
    usage: 'server',
    validity,
    hosts,
  });
  return { ca: authority.cert, identity };
}
