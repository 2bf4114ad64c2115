/**
 * A throw-away certificate authority for the demo and the tests, so that neither needs the openssl command. Node reads X.509
 * but does not write it. Keys are ECDSA P-256; profiles follow RFC 5280, so that strict verifiers accept them.
 */
import { createHash, generateKeyPairSync, randomBytes, sign, type KeyObject } from 'node:crypto';
import { isIPv4, isIPv6 } from 'node:net';
import * as der from './der.ts';

/** When a certificate is good; one that ends in the past is an expired one. */
export interface Validity {
  readonly from: Date;
  readonly to: Date;
}

interface Authority {
  readonly commonName: string;
  readonly privateKey: KeyObject;
  readonly publicKey: KeyObject;
  /** PEM. */
  readonly cert: string;
}

interface LeafOptions {
  readonly commonName: string;
  readonly usage: 'server' | 'client';
  readonly validity: Validity;
  /** Host names and IP addresses that the certificate stands for (subjectAltName). */
  readonly hosts?: readonly string[];
}

/** PEM texts, fit for `tls` of the emulator and for files. The key is PKCS #8. */
export interface Leaf {
  readonly cert: string;
  readonly key: string;
}

/** One that signs itself, or an intermediate one with an issuer above it. */
export function createAuthority(commonName: string, validity: Validity, above?: Authority): Authority {
  const { privateKey, publicKey } = newKeyPair();
  const extensions = [
    extension('2.5.29.19', der.sequence(der.boolean(true)), 'critical'), // basicConstraints: a CA
    extension('2.5.29.15', der.bitString(Buffer.from([0b0000_0110]), 1), 'critical'), // keyUsage: keyCertSign, cRLSign
    extension('2.5.29.14', der.octetString(keyIdentifier(publicKey))), // subjectKeyIdentifier
    ...(above === undefined ? [] : [authorityKeyIdentifier(above)]),
  ];
  const issuer = above ?? { commonName, privateKey };
  return {
    commonName,
    privateKey,
    publicKey,
    cert: certify(issuer, { commonName, publicKey, validity, extensions }),
  };
}

export function issueLeaf(authority: Authority, options: LeafOptions): Leaf {
  const { privateKey, publicKey } = newKeyPair();
  const { commonName, validity, usage, hosts = [] } = options;
  const purpose = usage === 'server' ? '1.3.6.1.5.5.7.3.1' : '1.3.6.1.5.5.7.3.2';
  const extensions = [
    extension('2.5.29.19', der.sequence(), 'critical'), // basicConstraints: not a CA
    extension('2.5.29.15', der.bitString(Buffer.from([0b1000_0000]), 7), 'critical'), // keyUsage: digitalSignature
    extension('2.5.29.37', der.sequence(der.objectIdentifier(purpose))), // extKeyUsage
    extension('2.5.29.14', der.octetString(keyIdentifier(publicKey))), // subjectKeyIdentifier
    authorityKeyIdentifier(authority),
    ...(hosts.length > 0 ? [extension('2.5.29.17', der.sequence(...hosts.map(generalName)))] : []), // subjectAltName
  ];
  const cert = certify(authority, { commonName, publicKey, validity, extensions });
  return { cert, key: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString() };
}

interface Subject {
  readonly commonName: string;
  readonly publicKey: KeyObject;
  readonly validity: Validity;
  readonly extensions: readonly Buffer[];
}

/** Certificate of RFC 5280 §4.1, signed with ecdsa-with-SHA256, as PEM. */
function certify(issuer: Pick<Authority, 'commonName' | 'privateKey'>, subject: Subject): string {
  const algorithm = der.sequence(der.objectIdentifier('1.2.840.10045.4.3.2'));
  const toBeSigned = der.sequence(
    der.explicit(0, der.integer(Buffer.from([2]))), // version 3
    der.integer(randomBytes(16)),
    algorithm,
    distinguishedName(issuer.commonName),
    der.sequence(der.time(subject.validity.from), der.time(subject.validity.to)),
    distinguishedName(subject.commonName),
    subject.publicKey.export({ type: 'spki', format: 'der' }),
    der.explicit(3, der.sequence(...subject.extensions)),
  );
  const signature = sign('sha256', toBeSigned, issuer.privateKey);
  const base64 = der.sequence(toBeSigned, algorithm, der.bitString(signature)).toString('base64');
  return `-----BEGIN CERTIFICATE-----\n${base64.replaceAll(/.{1,64}/g, '$&\n')}-----END CERTIFICATE-----\n`;
}

const newKeyPair = () => generateKeyPairSync('ec', { namedCurve: 'P-256' });

function distinguishedName(commonName: string): Buffer {
  return der.sequence(der.set(der.sequence(der.objectIdentifier('2.5.4.3'), der.utf8String(commonName))));
}

function extension(identifier: string, value: Buffer, critical?: 'critical'): Buffer {
  const flag = critical === undefined ? [] : [der.boolean(true)];
  return der.sequence(der.objectIdentifier(identifier), ...flag, der.octetString(value));
}

/** RFC 7093 §2, method 1: the left-most 160 bits of SHA-256 over the public key's bits, which end its P-256 SPKI as 65 bytes. */
function keyIdentifier(publicKey: KeyObject): Buffer {
  const point = publicKey.export({ type: 'spki', format: 'der' }).subarray(-65);
  return createHash('sha256').update(point).digest().subarray(0, 20);
}

function authorityKeyIdentifier({ publicKey }: Authority): Buffer {
  return extension('2.5.29.35', der.sequence(der.implicit(0, keyIdentifier(publicKey))));
}

function generalName(host: string): Buffer {
  if (isIPv4(host)) return der.implicit(7, Buffer.from(host.split('.').map(Number)));
  if (isIPv6(host)) return der.implicit(7, ipv6Bytes(host));
  return der.implicit(2, Buffer.from(host, 'ascii'));
}

/** Groups of hexadecimal digits with at most one `::`; a dotted IPv4 tail is not understood. */
function ipv6Bytes(address: string): Buffer {
  const [head = [], tail = []] = address
    .split('::')
    .map((part) => part.split(':').filter((group) => group !== ''));
  const zeros = Array<string>(8 - head.length - tail.length).fill('0');
  return Buffer.from([...head, ...zeros, ...tail].map((group) => group.padStart(4, '0')).join(''), 'hex');
}
