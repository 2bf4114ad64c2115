import * as v from 'valibot';
import { expected } from './messages.ts';
import { published, section } from './section.ts';
import type { PathSchema } from './values.ts';

/** How the server proves who it is, and how this host does. Comes out as the HTTP client takes it. */
export function tlsSchema(path: PathSchema) {
  const hostName = 'a host name such as logs.example.com';
  return v.pipe(
    section({
      ca_file: v.optional(path),
      cert_file: v.optional(path),
      key_file: v.optional(path),
      server_name: v.optional(
        v.pipe(
          v.string(expected(hostName)),
          v.regex(/^[A-Za-z0-9]([A-Za-z0-9.-]{0,251}[A-Za-z0-9])?$/, expected(hostName)),
        ),
      ),
    }),
    v.check(
      ({ cert_file, key_file }) => (cert_file === undefined) === (key_file === undefined),
      '`cert_file` and `key_file` belong together; give both or none',
    ),
    published({ dependencies: { cert_file: ['key_file'], key_file: ['cert_file'] } }),
    v.transform(({ ca_file, cert_file, key_file, server_name }) => ({
      caFile: ca_file,
      certFile: cert_file,
      keyFile: key_file,
      serverName: server_name,
    })),
  );
}

export const tlsWithoutEffect = '`tls` has no effect on an http:// url; remove it or use https://';

/** The same for editors: the alternatives of a mapping with `url` and `tls`. */
export const tlsForHttps = [
  { properties: { url: { not: { pattern: '^[hH][tT][tT][pP]:' } } } },
  { properties: { tls: { maxProperties: 0 } } },
];

export function isEmptyTls({
  caFile,
  certFile,
  serverName,
}: v.InferOutput<ReturnType<typeof tlsSchema>>): boolean {
  return (caFile ?? certFile ?? serverName) === undefined;
}
