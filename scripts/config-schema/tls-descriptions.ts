import { type Description, text } from './description.ts';

/** The keys of a `tls` at this path, by which `who` is known. */
export const tlsDescriptions = (at: string, who: string): Readonly<Record<string, Description>> => ({
  [at]: text(`How ${who} proves who it is, and how this host does. Only for https.`),
  [`${at}.ca_file`]: text(
    `PEM of the authorities that may vouch for ${who}, instead of those of the system.`,
  ),
  [`${at}.cert_file`]: text('PEM of a client certificate, with its chain; goes with key_file.'),
  [`${at}.key_file`]: text('PEM of the unencrypted private key of cert_file.'),
  [`${at}.server_name`]: text('The host that the certificate names, where that is not the host of url.'),
});
