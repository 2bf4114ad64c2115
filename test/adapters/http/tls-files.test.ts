import { X509Certificate } from 'node:crypto';
import { afterAll, describe, expect, it } from 'vitest';
import { TokenwardError } from '../../../src/domain/errors.ts';
import type { TlsSettings } from '../../../src/platform/http/tls-files.ts';
import { clientFor } from './clients.ts';
import { clientLeaf, newAuthority, temporaryFolder } from './identities.ts';

const folder = temporaryFolder();
afterAll(() => folder[Symbol.dispose]());
const authority = newAuthority();
const leaf = clientLeaf(authority);
const certFile = folder.write('agent.crt', leaf.cert);
const keyFile = folder.write('agent.key', leaf.key);
const otherKey = folder.write('other.key', clientLeaf(authority).key);
const garbage = folder.write('garbage', 'no PEM here');
const der = folder.write('ca.der', new X509Certificate(authority.cert).raw);
const missing = `${garbage}-missing`;

describe('files of tls that cannot be used are refused at once, by name', () => {
  it.each<[string, TlsSettings, RegExp]>([
    ['no CA file', { caFile: missing }, /^tls\.ca_file .*garbage-missing does not exist; correct the path/],
    ['a folder', { caFile: '/' }, /^tls\.ca_file \/ is a folder; name the file in it/],
    [
      'a CA file without certificate',
      { caFile: garbage },
      /^tls\.ca_file .*garbage holds no certificate in PEM form; name a file with a line -----BEGIN/,
    ],
    [
      'a CA file in DER form',
      { caFile: der },
      /ca\.der holds no .*; convert it: openssl x509 -inform der -in .*ca\.der /,
    ],
    ['a key as CA', { caFile: keyFile }, /^tls\.ca_file .* holds no certificate/],
    ['no certificate', { certFile: missing, keyFile }, /^tls\.cert_file .* does not exist/],
    ['no key', { certFile, keyFile: missing }, /^tls\.key_file .* does not exist/],
    [
      'a key that is none',
      { certFile, keyFile: garbage },
      /^tls\.key_file .* holds no unencrypted private key/,
    ],
    [
      'the key of another certificate',
      { certFile, keyFile: otherKey },
      /other\.key is not the key of .*agent\.crt/,
    ],
    ['a certificate without key', { certFile }, /belong together/],
    ['a key without certificate', { keyFile }, /belong together/],
  ])('%s', (_case, tls, message) => {
    const create = (): unknown => clientFor('https://logs.example.com', { tls });
    expect(create).toThrow(TokenwardError);
    expect(create).toThrow(expect.objectContaining({ code: 'CONFIG_INVALID' }) as Error);
    expect(create).toThrow(message);
  });
});
