import { execFile, spawnSync } from 'node:child_process';
import { X509Certificate } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createAuthority, issueLeaf, type Validity } from '../../src/emulator/certificates.ts';
import { authority, HttpsEmulator, serverLeaf, validity } from './emulator/https-emulator.ts';

const run = promisify(execFile);
const past: Validity = { from: new Date('2020-01-01T00:00:00Z'), to: new Date('2020-02-01T00:00:00Z') };
const clientLeaf = issueLeaf(authority, { commonName: 'web-01', usage: 'client', validity });

describe('certificates as Node reads them', () => {
  it('an authority signs itself', () => {
    const root = new X509Certificate(authority.cert);
    expect([root.ca, root.subject, root.issuer]).toEqual([
      true,
      'CN=tokenward test authority',
      'CN=tokenward test authority',
    ]);
    expect(root.verify(authority.publicKey)).toBe(true);
  });

  it('a leaf is signed by its authority and stands for its hosts', () => {
    const hosts = ['logs.example.com', '127.0.0.1', '::1', '2001:db8::a:0:1'];
    const { cert, key } = issueLeaf(authority, { commonName: 'Wäsche', usage: 'server', validity, hosts });
    const leaf = new X509Certificate(cert);
    expect(leaf.checkIssued(new X509Certificate(authority.cert)) && leaf.verify(authority.publicKey)).toBe(
      true,
    );
    expect([leaf.ca, leaf.subject, leaf.checkHost('logs.example.com')]).toEqual([
      false,
      'CN=Wäsche',
      'logs.example.com',
    ]);
    expect(hosts.slice(1).map((address) => leaf.checkIP(address))).toEqual(hosts.slice(1));
    expect(key).toMatch(/^-----BEGIN PRIVATE KEY-----\n/);
  });

  it.each([
    ['1999-12-31T23:59:59Z', '2049-12-31T23:59:59Z'],
    ['2050-01-01T00:00:00Z', '2123-04-05T06:07:08Z'],
  ])('is good from %s to %s', (from, to) => {
    const asked = { from: new Date(from), to: new Date(to) };
    const root = new X509Certificate(createAuthority('authority', asked).cert);
    expect([root.validFromDate, root.validToDate]).toEqual([asked.from, asked.to]);
  });
});

describe('certificates at work', () => {
  it('an expired certificate fails the handshake', async () => {
    const tls = issueLeaf(authority, {
      commonName: 'emulator',
      usage: 'server',
      validity: past,
      hosts: ['127.0.0.1'],
    });
    await using server = await HttpsEmulator.start({ tls });
    await expect(server.get('/_emulator/state')).rejects.toMatchObject({ code: 'CERT_HAS_EXPIRED' });
  });

  it('a certificate for another host fails the handshake', async () => {
    const tls = issueLeaf(authority, {
      commonName: 'emulator',
      usage: 'server',
      validity,
      hosts: ['elsewhere.example'],
    });
    await using server = await HttpsEmulator.start({ tls });
    await expect(server.get('/_emulator/state')).rejects.toMatchObject({
      code: 'ERR_TLS_CERT_ALTNAME_INVALID',
    });
  });

  it('mutual TLS lets in only clients of the authority', async () => {
    await using server = await HttpsEmulator.start({ clientCa: authority.cert });
    expect((await server.get('/_emulator/state', { client: clientLeaf })).status).toBe(200);
    await expect(server.get('/_emulator/state')).rejects.toThrow();
    const stranger = issueLeaf(createAuthority('stranger', validity), {
      commonName: 'x',
      usage: 'client',
      validity,
    });
    await expect(server.get('/_emulator/state', { client: stranger })).rejects.toThrow();
    await expect(server.get('/_emulator/state', { client: serverLeaf })).rejects.toThrow();
    expect(server.emulator.state().requests).toEqual({});
    expect(server.lines).toContain('a TLS handshake failed: ERR_SSL_PEER_DID_NOT_RETURN_A_CERTIFICATE');
  });
});

function missing(program: string, versionFlag: string): boolean {
  return spawnSync(program, [versionFlag]).status !== 0;
}

describe('certificates as others read them', () => {
  let folder: string;
  const at = (name: string): string => join(folder, name);

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'tokenward-certificates-'));
    await writeFile(at('ca.pem'), authority.cert);
    await writeFile(at('server.pem'), serverLeaf.cert);
    await writeFile(at('client.pem'), clientLeaf.cert);
    await writeFile(at('client.key'), clientLeaf.key, { mode: 0o600 });
  });
  afterAll(async () => {
    await rm(folder, { recursive: true });
  });

  it.skipIf(missing('openssl', 'version'))('openssl verifies them strictly (needs openssl)', async () => {
    const verify = (...more: string[]) =>
      run('openssl', ['verify', '-x509_strict', '-CAfile', at('ca.pem'), ...more]);
    await verify(
      '-purpose',
      'sslserver',
      '-verify_hostname',
      'localhost',
      '-verify_ip',
      '127.0.0.1',
      at('server.pem'),
    );
    await verify('-purpose', 'sslclient', at('client.pem'));
    await expect(verify('-purpose', 'sslserver', at('client.pem'))).rejects.toThrow(
      'unsuitable certificate purpose',
    );
    const { stdout } = await run('openssl', ['x509', '-in', at('server.pem'), '-noout', '-text']);
    expect(stdout).toMatch(/Version: 3[\s\S]*ecdsa-with-SHA256[\s\S]*CA:FALSE[\s\S]*DNS:localhost/);
  });

  it.skipIf(missing('curl', '--version'))(
    'curl accepts them, with a client certificate (needs curl)',
    async () => {
      await using server = await HttpsEmulator.start({ clientCa: authority.cert });
      const identity = ['--cert', at('client.pem'), '--key', at('client.key')];
      const state = `${server.emulator.url}/_emulator/state`;
      const { stdout } = await run('curl', ['-sS', '--cacert', at('ca.pem'), ...identity, state]);
      expect(JSON.parse(stdout)).toMatchObject({ policy: 'strict' });
      await expect(run('curl', ['-sS', '--cacert', at('ca.pem'), state])).rejects.toThrow(
        'certificate required',
      );
    },
  );
});
