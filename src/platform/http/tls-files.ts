import { X509Certificate, createPrivateKey } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { SecureContextOptions } from 'node:tls';
import { TokenwardError } from '../../domain/errors.ts';
import { errorCode } from '../system-error.ts';

/** The `tls` section of an agent (DESIGN §6). Paths name PEM files. */
export interface TlsSettings {
  /** Certificates to trust instead of the system's. */
  readonly caFile?: string | undefined;
  /** The client certificate (with its chain) and its unencrypted key; both or none. */
  readonly certFile?: string | undefined;
  readonly keyFile?: string | undefined;
  /** The name to ask for (SNI) and to find in the certificate, where it is not the host of the url. */
  readonly serverName?: string | undefined;
}

/**
 * What Node needs to trust the server and to present the client certificate. Called for every connection, so that rotated
 * files take effect without a restart. Node passes over a CA file without certificates in silence, hence the checks.
 * Throws `CONFIG_INVALID` naming the file.
 */
export function readTlsFiles(settings: TlsSettings): SecureContextOptions {
  const { caFile, certFile, keyFile } = settings;
  if ((certFile === undefined) !== (keyFile === undefined)) {
    throw new TokenwardError(
      'CONFIG_INVALID',
      'tls.cert_file and tls.key_file belong together: set both or none',
    );
  }
  return {
    minVersion: 'TLSv1.2',
    ...(caFile === undefined ? {} : { ca: readCertificate('tls.ca_file', caFile) }),
    ...(certFile === undefined || keyFile === undefined ? {} : readClientCertificate(certFile, keyFile)),
  };
}

function readClientCertificate(certFile: string, keyFile: string): { cert: string; key: string } {
  const cert = readCertificate('tls.cert_file', certFile);
  const key = read('tls.key_file', keyFile);
  const privateKey = parse(
    `tls.key_file ${keyFile} holds no unencrypted private key in PEM form; to take a passphrase away: openssl pkey -in ${keyFile} -out FILE`,
    () => createPrivateKey(key),
  );
  if (!new X509Certificate(cert).checkPrivateKey(privateKey)) {
    throw new TokenwardError(
      'CONFIG_INVALID',
      `tls.key_file ${keyFile} is not the key of the certificate in tls.cert_file ${certFile}; name the two that were made together`,
    );
  }
  return { cert, key };
}

function readCertificate(name: string, path: string): string {
  const pem = read(name, path);
  parse(
    `${name} ${path} holds no certificate in PEM form; ${pemAdvice(path, pem)}`,
    () => new X509Certificate(pem),
  );
  return pem;
}

/** DER begins with a SEQUENCE of a long length (X.690 §8.1.3.5), which is no UTF-8. */
function pemAdvice(path: string, text: string): string {
  return text.startsWith('0\uFFFD')
    ? `convert it: openssl x509 -inform der -in ${path} -out ${path}.pem, and name that file`
    : 'name a file with a line -----BEGIN CERTIFICATE-----';
}

function read(name: string, path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    const problem = unreadable(errorCode(error) ?? 'unknown error');
    throw new TokenwardError('CONFIG_INVALID', `${name} ${path} ${problem}`, { cause: error });
  }
}

function unreadable(errno: string): string {
  switch (errno) {
    case 'ENOENT':
    case 'ENOTDIR':
      return 'does not exist; correct the path';
    case 'EISDIR':
      return 'is a folder; name the file in it';
    case 'EACCES':
      return 'may not be read by this user; let the user that runs tokenward read it';
    default:
      return `cannot be read (${errno}); look at its disk`;
  }
}

function parse<T>(complaint: string, parser: () => T): T {
  try {
    return parser();
  } catch (error) {
    throw new TokenwardError('CONFIG_INVALID', complaint, { cause: error });
  }
}
