import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { TokenwardError } from '../../../src/domain/errors.ts';
import { createAuthority, issueLeaf, type Validity } from '../../../src/emulator/certificates.ts';
import { findingsFor, type Parts } from './findings.ts';
import { temporaryFolder } from './folder.ts';

const folder = temporaryFolder();
afterAll(() => folder[Symbol.dispose]());

const valid: Validity = { from: new Date('2026-01-01T00:00:00Z'), to: new Date('2028-01-01T00:00:00Z') };
const past: Validity = { from: new Date('2020-01-01T00:00:00Z'), to: new Date('2021-01-01T00:00:00Z') };
const future: Validity = { from: new Date('2030-01-01T00:00:00Z'), to: new Date('2031-01-01T00:00:00Z') };
const authority = createAuthority('good', valid);
const leafOf = (validity: Validity) =>
  issueLeaf(authority, { commonName: 'web-01', usage: 'client', validity });
const leaf = leafOf(valid);
const expired = createAuthority('old', past).cert;

const certFile = folder.write('client.pem', leaf.cert);
const keyFile = folder.write('client.key', leaf.key);
const openKey = folder.write('open.key', leaf.key, 0o644);
const otherKey = folder.write('other.key', leafOf(valid).key);
folder.write('bundle.pem', `# two\n${authority.cert}${expired}`);
folder.write('damaged.pem', `${authority.cert}${expired.replace(/.{200}\n--/s, '\n--')}`);
const der = folder.write('ca.der', Buffer.from(authority.cert.replaceAll(/-----.*-----|\n/g, ''), 'base64'));

describe('TLS files', () => {
  const none = join(folder.path, 'none.pem');
  it.each<[string, string, unknown[]]>([
    [
      'a missing CA file',
      '{ ca_file: none.pem }',
      [
        `error CONFIG_INVALID agents.web-01.tls.ca_file: tls.ca_file ${none} does not exist; correct the path`,
      ],
    ],
    [
      'a CA file in DER form',
      '{ ca_file: ca.der }',
      [expect.stringContaining(`${der} holds no certificate in PEM form`)],
    ],
    [
      'a CA that expired, beside a good one',
      '{ ca_file: bundle.pem }',
      [
        'warning CONFIG_INVALID agents.web-01.tls.ca_file: the certificate CN=old expired on 2021-01-01T00:00:00.000Z; renew it',
      ],
    ],
    [
      'a damaged certificate behind a good one',
      '{ ca_file: damaged.pem }',
      [
        'error CONFIG_INVALID agents.web-01.tls.ca_file: one of the certificates in the file is damaged; fetch the file anew',
      ],
    ],
    [
      'a client certificate of the future',
      `{ cert_file: ${folder.write('future.pem', leafOf(future).cert)}, key_file: none.pem }`,
      [expect.stringContaining('none.pem does not exist; correct the path')],
    ],
    [
      'the key of another certificate',
      '{ cert_file: client.pem, key_file: other.key }',
      [
        expect.stringContaining(
          `tls.key_file ${otherKey} is not the key of the certificate in tls.cert_file ${certFile}`,
        ),
      ],
    ],
    [
      'a key that everybody may read',
      '{ cert_file: client.pem, key_file: open.key }',
      [
        `error KEY_FILE_UNUSABLE agents.web-01.tls.key_file: everybody may read the private key ${openKey}; run: chmod 0600 ${openKey}`,
      ],
    ],
    ['all in order', `{ cert_file: client.pem, key_file: ${keyFile} }`, []],
  ])('%s', async (_case, tls, findings) => {
    expect(await findingsFor(folder.path, { agent: `tls: ${tls}` })).toEqual(findings);
  });

  it('a client certificate that is not valid yet', async () => {
    const { cert, key } = leafOf(future);
    const tls = `{ cert_file: ${folder.write('f.pem', cert)}, key_file: ${folder.write('f.key', key)} }`;
    expect(await findingsFor(folder.path, { agent: `tls: ${tls}` })).toEqual([
      'warning CONFIG_INVALID agents.web-01.tls.cert_file: the certificate CN=web-01 is not valid before 2030-01-01T00:00:00.000Z; renew it',
    ]);
  });
});

const wrong = () => Promise.reject(new TokenwardError('KEY_FILE_UNUSABLE', 'the key file is wrong; mend it'));
const bug = () => Promise.reject(new TypeError('a bug'));

describe('the wrapping key', () => {
  const credential: Parts = { secret: '{ store: file, credential: wrap }' };

  it('is read by the store that will use it', async () => {
    expect(await findingsFor(folder.path, {}, { readKey: wrong })).toEqual([
      'error KEY_FILE_UNUSABLE agents.web-01.secret.key_file: the key file is wrong; mend it',
    ]);
    expect(
      await findingsFor(folder.path, {}, { readKey: () => Promise.resolve(new Uint8Array(32)) }),
    ).toEqual([]);
  });

  it('as a credential can be read only where systemd started us', async () => {
    expect(await findingsFor(folder.path, credential, { readKey: wrong })).toEqual([
      'warning KEY_FILE_UNUSABLE agents.web-01.secret.credential: the credential wrap can be read by the systemd unit only; it was not checked',
    ]);
    expect(
      await findingsFor(folder.path, credential, {
        readKey: wrong,
        env: { CREDENTIALS_DIRECTORY: '/run/c' },
      }),
    ).toEqual(['error KEY_FILE_UNUSABLE agents.web-01.secret.credential: the key file is wrong; mend it']);
  });

  it('is of no interest to other stores', async () => {
    expect(await findingsFor(folder.path, { secret: '{ store: memory }' }, { readKey: wrong })).toEqual([]);
  });

  it('does not hide a bug', async () => {
    await expect(findingsFor(folder.path, {}, { readKey: bug })).rejects.toThrow(TypeError);
  });
});
