/** Everything that can befall a host, its way to the server, its agent, or the people around it. */
export const hostFaultKinds = [
  // crashes
  'kill',
  'kill-in-flight',
  'kill-in-a-step',
  'power-cut',
  'power-cut-in-flight',
  'power-cut-in-a-step',
  'crash-loop',
  'stop',
  'stop-in-flight',
  // network and server
  'lost-requests',
  'lost-answers',
  'late-answers',
  'cut-answers',
  'no-way-to-server',
  'server-errors',
  'rate-limit',
  'bad-gateway-for-hours',
  'firewall-pages',
  'mixed-weather',
  'revocation',
  // disk and keychain
  'disk-full',
  'disk-nearly-full',
  'disk-read-only',
  'disk-errors',
  'disk-slow',
  'keychain-locked',
  'keychain-hung',
  'keychain-silent',
  'keychain-away',
  // time
  'clock-forward',
  'clock-back',
  'suspend',
  'suspend-in-flight',
  // people and other programs
  'right-secret',
  'wrong-secret',
  'spent-secret',
  'same-secret-again',
  'forced-refresh',
  'token-rejected',
  'lock-file-removed',
  'second-daemon',
  'second-state-folder',
  'backup-restored',
  'store-restored',
  'machine-cloned',
] as const;

/** What befalls tokens and credentials before their time, what is said of them, and what happens just then. */
export const revocationKinds = [
  // the server
  'tokens-revoked',
  'tokens-and-secret-revoked',
  'permission-missing',
  // shippers and people
  'false-report',
  'false-reports-for-hours',
  'flood-of-reports',
  'old-token-reported',
  'certain-report',
  // probes
  'probe-rejected-once',
  'probe-lies',
  'probe-forbidden',
  'probe-fails',
  'probe-silent',
  // while a dead token is written down
  'kill-after-report',
  'power-cut-after-report',
  'disk-full-after-report',
  // the file in which new secrets are dropped
  'secret-file-dropped',
  'secret-file-again',
  'wrong-secret-file',
] as const;

export type RevocationKind = (typeof revocationKinds)[number];

export const faultKinds = [...hostFaultKinds, ...revocationKinds] as const;

export type FaultKind = (typeof faultKinds)[number];
