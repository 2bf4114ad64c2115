import { X509Certificate } from 'node:crypto';
import { stat } from 'node:fs/promises';
import { TokenwardError } from '../domain/errors.ts';
import { readTlsFiles } from '../platform/http/tls-files.ts';
import type { TlsConfig } from './config.ts';
import { type Finding, finding, findingsOf } from './finding.ts';

/** The TLS files of an agent: the daemon can use them, the certificates are in their time, and the key is private. */

export async function checkTls(tls: TlsConfig, at: string, now: Date): Promise<readonly Finding[]> {
  const { caFile, certFile, keyFile } = tls;
  const authorities = findingsOf(`${at}.ca_file`, async () => {
    const { ca } = readTlsFiles({ caFile });
    return checkValidity(String(ca ?? ''), `${at}.ca_file`, now);
  });
  const client = findingsOf(`${at}.cert_file`, async () => {
    const { cert } = readTlsFiles({ certFile, keyFile });
    return checkValidity(String(cert ?? ''), `${at}.cert_file`, now);
  });
  const key = keyFile === undefined ? [] : checkPrivacy(keyFile, `${at}.key_file`);
  return (await Promise.all([authorities, client, key])).flat();
}

function checkValidity(pem: string, at: string, now: Date): Finding[] {
  return certificatesIn(pem).flatMap((certificate) => {
    const flaw = flawOf(certificate, now);
    const subject = certificate.subject.replaceAll('\n', ', ');
    return flaw === null
      ? []
      : [finding('warning', 'CONFIG_INVALID', at, `the certificate ${subject} ${flaw}; renew it`)];
  });
}

/** Throws `CONFIG_INVALID` where one of them is damaged. */
export function certificatesIn(pem: string): X509Certificate[] {
  const blocks = pem.match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g) ?? [];
  try {
    return blocks.map((block) => new X509Certificate(block));
  } catch (cause) {
    throw new TokenwardError(
      'CONFIG_INVALID',
      'one of the certificates in the file is damaged; fetch the file anew',
      { cause },
    );
  }
}

function flawOf({ validFromDate, validToDate }: X509Certificate, now: Date): string | null {
  if (now < validFromDate) return `is not valid before ${validFromDate.toISOString()}`;
  return now > validToDate ? `expired on ${validToDate.toISOString()}` : null;
}

async function checkPrivacy(file: string, at: string): Promise<Finding[]> {
  const isOpen = await stat(file).then(
    ({ mode }) => (mode & 0o007) !== 0,
    () => false, // reading it has already failed, and said why
  );
  return isOpen
    ? [
        finding(
          'error',
          'KEY_FILE_UNUSABLE',
          at,
          `everybody may read the private key ${file}; run: chmod 0600 ${file}`,
        ),
      ]
    : [];
}
