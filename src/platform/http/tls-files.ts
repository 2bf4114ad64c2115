import { X509Certificate, createPrivateKey } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { SecureContextOptions } from 'node:tls';
import { TokenwardError } from '../../domain/errors.ts';

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
  const privateKey = parse(`tls.key_file ${keyFile} holds no unencrypted private key in PEM form`, () =>
    createPrivateKey(key),
  );
  if (!new X509Certificate(cert).checkPrivateKey(privateKey)) {
    throw new TokenwardError(
      'CONFIG_INVALID',
      `tls.key_file ${keyFile} is not the key of the certificate in tls.cert_file ${certFile}`,
    );
  }
  return { cert, key };
}

function readCertificate(name: string, path: string): string {
  const pem = read(name, path);
  parse(`${name} ${path} holds no certificate in PEM form`, () => new X509Certificate(pem));
  return pem;
}

function read(name: string, path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? 'unknown error';
    throw new TokenwardError(
      'CONFIG_INVALID',
      `cannot read ${name} ${path} (${code}): check the path and its permissions`,
      { cause: error },
    );
  }
}

function parse<T>(complaint: string, parser: () => T): T {
  try {
    return parser();
  } catch (error) {
    throw new TokenwardError('CONFIG_INVALID', complaint, { cause: error });
  }
}
