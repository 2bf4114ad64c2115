/** The real programs that tests run against, by the names of their Debian packages. */
import { existsSync, globSync } from 'node:fs';
import { delimiter, join } from 'node:path';

interface Part {
  /** What tests do with it. */
  readonly purpose: string;
  /** A program that it brings, or for a library a glob of where it lies. */
  readonly proof: string;
}

export const parts = {
  'gnome-keyring': { purpose: 'the keychain that secrets are kept in', proof: 'gnome-keyring-daemon' },
  dbus: { purpose: 'the bus that leads to the keychain', proof: 'dbus-run-session' },
  'libsecret-1-0': {
    purpose: 'the library that speaks to the keychain',
    proof: '/usr/lib{,64}/{,*/}libsecret-1.so.0',
  },
  curl: { purpose: 'a client of the socket that we did not write', proof: 'curl' },
  faketime: {
    purpose: 'clocks that jump, and a suspend of the host',
    proof: '/usr/lib/*/faketime/libfaketimeMT.so.1',
  },
  openssl: { purpose: 'certificates and the sight of our TLS', proof: 'openssl' },
  strace: { purpose: 'the order of writes, fsyncs and renames', proof: 'strace' },
  socat: { purpose: 'a peer that sends what no HTTP client would', proof: 'socat' },
  tmux: { purpose: 'a terminal to look at', proof: 'tmux' },
  prometheus: { purpose: 'promtool, which checks and tests the rules, and a scraper', proof: 'promtool' },
  'prometheus-alertmanager': { purpose: 'the receiver of alerts', proof: 'prometheus-alertmanager' },
  systemd: { purpose: 'the check of its units', proof: 'systemd-analyze' },
  'bash-completion': { purpose: 'completion in bash', proof: '/usr/share/bash-completion/bash_completion' },
  zsh: { purpose: 'completion in zsh', proof: 'zsh' },
  fish: { purpose: 'completion in fish', proof: 'fish' },
  mandoc: { purpose: 'the check of the man pages', proof: 'mandoc' },
  'man-db': { purpose: 'the man pages as they are read', proof: 'man' },
  'nginx-light': { purpose: 'the measure of the benchmark, and a way to the proxy', proof: 'nginx' },
  'syslog-ng-core': { purpose: 'a log shipper', proof: 'syslog-ng' },
  'syslog-ng-mod-http': { purpose: 'its way to HTTP servers', proof: '/usr/lib/syslog-ng/*/libhttp.so' },
  'syslog-ng-mod-python': {
    purpose: 'its way to read a token file',
    proof: '/usr/lib/syslog-ng/*/libmod-python*.so',
  },
  'docker.io': { purpose: 'containers', proof: 'dockerd' },
  'docker-compose': { purpose: 'the example of two containers', proof: 'docker-compose' },
  debhelper: { purpose: 'the Debian package', proof: 'dh' },
  'dpkg-dev': { purpose: 'the Debian package, its build', proof: 'dpkg-buildpackage' },
  lintian: { purpose: 'the check of the Debian package', proof: 'lintian' },
  mmdebstrap: { purpose: 'the base of images where no registry answers', proof: 'mmdebstrap' },
  'kubernetes-client': { purpose: 'kustomize, which renders the manifests', proof: 'kubectl' },
  'nghttp2-client': { purpose: 'h2load, the load of the benchmark', proof: 'h2load' },
} as const satisfies Record<string, Part>;

export type PartName = keyof typeof parts;

export const partNames = Object.keys(parts) as PartName[];

/** Whether the part is on this machine. */
export function hasPart(name: PartName): boolean {
  const { proof } = parts[name];
  if (proof.startsWith('/')) return globSync(proof).length > 0;
  const folders = [...(process.env['PATH'] ?? '').split(delimiter), '/usr/sbin', '/sbin'];
  return folders.some((folder) => existsSync(join(folder, proof)));
}

/** The command that brings parts to a Debian or Ubuntu machine. */
export function installCommand(names: readonly PartName[]): string {
  return `sudo apt-get install --no-install-recommends ${names.join(' ')}`;
}

/** In CI a missing part is a failure: a skip would be seen by nobody. */
export const partsRequired = process.env['CI'] === 'true';
