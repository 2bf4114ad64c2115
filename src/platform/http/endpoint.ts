/** A host and port to connect to. IPv6 addresses stand without brackets. */
export interface Endpoint {
  readonly host: string;
  readonly port: number;
}

export function endpointOf(url: URL): Endpoint {
  const port = url.port === '' ? (url.protocol === 'https:' ? 443 : 80) : Number(url.port);
  return { host: url.hostname.replace(/^\[(.+)\]$/, '$1'), port };
}

/** `host:port`, with IPv6 addresses in brackets (RFC 3986 §3.2.2). */
export function authorityOf({ host, port }: Endpoint): string {
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
}

/** Whether the host can only be this machine: plain http is allowed there, and no proxy stands in between. */
export function isLoopback(host: string): boolean {
  return (
    host === '::1' || host === 'localhost' || host.endsWith('.localhost') || /^127(\.\d{1,3}){3}$/.test(host)
  );
}
