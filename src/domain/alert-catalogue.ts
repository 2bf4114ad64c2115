import type { ErrorCode } from './errors.ts';
import { type CatalogueEntry, fileAlerts } from './file-alerts.ts';

/**
 * Every code that can stand as an alert: how bad it is, what it means, and what to do. `docs/runbooks.md` is made from it, and
 * what goes out to people carries its texts. The sentence of the alert itself says what happened to whom.
 */

export const alertCatalogue = {
  CONFIG_INVALID: {
    severities: ['warning', 'critical'],
    summary: 'the configuration cannot be used',
    meaning:
      'The configuration file was changed and cannot be used; the one before goes on, and the next start would fail. Or a file that it names, such as a certificate, could not be read for a connection.',
    steps: [
      'Run `tokenward check`: it names every problem with line and column.',
      'Mend the file, or set it back. Saving it is enough, and the alert ends with the next good reload.',
    ],
  },
  SERVER_UNREACHABLE: {
    severities: ['warning', 'critical'],
    summary: 'the server cannot be reached',
    meaning:
      'No connection to the server stands: DNS, network, firewall or proxy. Nothing was sent, and the secret is as good as before. Critical where there is no valid token any more.',
    steps: [
      'Run `tokenward doctor`: it says how far the way to the server goes.',
      'Where many hosts say it at once, look at the server and the network first.',
    ],
  },
  SERVER_TLS_FAILED: {
    severities: ['warning', 'critical'],
    summary: 'the server could not prove who it is',
    meaning:
      'TLS with the server failed: an expired or foreign certificate, another name, or something in between. Nothing was sent.',
    steps: [
      'Run `tokenward doctor`: it shows the certificate that is presented, and until when it is valid.',
      'Renew the certificate at the server, or name the authority in `tls.ca_file`. Changed files are read for the next try.',
    ],
  },
  SERVER_MISCONFIGURED: {
    severities: ['warning', 'critical'],
    summary: 'the server does not know the request',
    meaning:
      'The server answered, but not as this API does: 404, a redirect, or a complaint about the form of the request. The secret was not judged.',
    steps: [
      'Compare `url` with the address of the product; the path of the API is added by tokenward.',
      'Look whether a proxy or a login page answers in its place: `tokenward status AGENT` has the answer in a sentence.',
    ],
  },
  SERVER_RATE_LIMITED: {
    severities: ['warning', 'critical'],
    summary: 'the server asks for patience',
    meaning: 'The server answers 429. tokenward waits as long as the server says and goes on by itself.',
    steps: [
      'Wait. Where it stays, look how many hosts come at once, and raise `refresh.jitter` or the limit of the server.',
    ],
  },
  SERVER_TROUBLE: {
    severities: ['warning', 'critical'],
    summary: 'the server has a trouble of its own',
    meaning: 'The server answered that it cannot work now. It did not judge the secret.',
    steps: ['Look at the server. tokenward tries again by itself, at growing intervals.'],
  },
  SERVER_REFUSED: {
    severities: ['warning', 'critical'],
    summary: 'the server refuses the request',
    meaning: 'The server said no, and it is not settled yet whether the secret is meant.',
    steps: [
      'Run `tokenward status AGENT`: it says what the server answered and what is tried next.',
      'See at the server whether the agent still has a secret, and may exchange it.',
    ],
  },
  SECRET_REVOKED: {
    severities: ['critical'],
    summary: 'the server refuses the secret',
    meaning:
      'The secret was revoked, or never was one of this server’s (a restored backup can also be the cause). Tokens that it brought are served to their end, and there will be no other. Where the secret is itself the token, or its tokens are revoked with it, nothing is served any more.',
    steps: [
      'Find out who revoked it, and why, before you let the host back in.',
      'Run `tokenward enroll AGENT` where the server makes secrets, or `tokenward import AGENT` with a new one, before the token ends; the status says when that is.',
    ],
  },
  SECRET_LOST_IN_FLIGHT: {
    severities: ['critical'],
    summary: 'the secret was lost in flight',
    meaning:
      'The server refuses the secret after an exchange whose answer never arrived: it was spent, or revoked meanwhile, and nobody can tell which. The token in use is served to its end.',
    steps: [
      'Run `tokenward recover AGENT`: where an answer is kept that nobody understood, it may finish from it.',
      'Else run `tokenward enroll AGENT` or `tokenward import AGENT` before the token ends.',
    ],
  },
  SECRET_NOT_PERSISTED: {
    severities: ['critical'],
    summary: 'a new secret is not saved',
    meaning:
      'A new secret was received and could not be saved. It is kept in memory, its token is served, and saving is tried again without end.',
    steps: [
      'Do not stop the daemon, unless the alert says that the answer is kept.',
      'Mend the store or the disk: `tokenward doctor` says what is wrong with it. The alert ends by itself.',
    ],
  },
  HANDOVER_REFUSED: {
    severities: ['warning'],
    summary: 'a secret that was handed over is refused',
    meaning: 'The server refused a secret that was handed over. The one in use before stands.',
    steps: [
      'Hand over another one: whole, of this server, and not used by another host. `tokenward import AGENT` reads it.',
    ],
  },
  IN_DOUBT: {
    severities: ['warning', 'critical'],
    summary: 'nobody knows how an exchange ended',
    meaning:
      'An exchange was sent and no answer of the API came. Under `in_doubt: replay_once` the same secret is sent again until one does; under `halt` a person decides, and it is critical.',
    steps: [
      'Look for what answers in the server’s place: a firewall, a proxy, a login page.',
      'Under `halt`, run `tokenward recover AGENT`: it says what can be done and what each way costs.',
    ],
  },
  STORE_UNAVAILABLE: {
    severities: ['warning', 'critical'],
    summary: 'the secret store cannot be used',
    meaning:
      'The store, or the state folder, is locked, full, read-only, hung or away. It could not keep an answer, so nothing is exchanged. Critical where there is no valid token any more.',
    steps: [
      'Run `tokenward doctor`: it tries the disk, the key and the keychain.',
      'Unlock or mend what it names. tokenward goes on by itself.',
    ],
  },
  STATE_CLONED: {
    severities: ['critical'],
    summary: 'the state is a copy of another host’s',
    meaning:
      'The state folder was written by another host or volume. Two that exchange one secret would lock each other out.',
    steps: [
      'Where the other one still runs, give this host a secret of its own: `tokenward enroll AGENT`.',
      'Where the host was moved or renamed, run `tokenward recover AGENT`.',
    ],
  },
  STATE_ROLLED_BACK: {
    severities: ['critical'],
    summary: 'the secret store is older than the journal',
    meaning:
      'The store holds an older secret than the last one that was saved: a backup was restored, or a snapshot.',
    steps: ['Run `tokenward recover AGENT`: it says which secrets are there and what can be done with each.'],
  },
  STATE_UNREADABLE: {
    severities: ['critical'],
    summary: 'a sealed record cannot be opened',
    meaning: 'A record cannot be decrypted: another wrapping key, or damage. It is not overwritten.',
    steps: [
      'Put the wrapping key back that sealed it, where there is a copy.',
      'Else run `tokenward recover AGENT`, which sets the record aside and says what is lost with it.',
    ],
  },
  STORE_MISMATCH: {
    severities: ['critical'],
    summary: 'the secret store belongs to another state folder',
    meaning: 'The store says that another state folder owns it. Two folders must not exchange one secret.',
    steps: ['Set `state_dir` back where it was changed by mistake.', 'Else run `tokenward recover AGENT`.'],
  },
  SERVER_CHANGED: {
    severities: ['critical'],
    summary: 'the secret is bound to another server',
    meaning:
      'The `url` of the agent names another server than the one that the secret is from. It is not sent there.',
    steps: [
      'Set `url` back where it was changed by mistake.',
      'Where the server has moved, run `tokenward recover AGENT`; where it is another one, hand over a secret of that one.',
    ],
  },
  TOKEN_EXPIRING: {
    severities: ['warning', 'critical'],
    summary: 'the token ends and cannot be refreshed',
    meaning:
      'Refreshing fails, or the secret is refused, and half of the token’s life is over: a warning. With a fifth left it is critical. Of a secret that is itself the token it comes two weeks before the end, if that is later, and is critical with three days left. When the token ends, shippers are refused.',
    steps: [
      'Run `tokenward status AGENT`: it says what hinders the refresh, and until when the token is good.',
      'Mend that; then `tokenward refresh AGENT` tries at once.',
      'A secret that is itself the token is not refreshed: bring the next one with `tokenward import AGENT`, and set its `expires_at`.',
    ],
  },
  TOKEN_REVOKED: {
    severities: ['warning', 'critical'],
    summary: 'the token was revoked',
    meaning:
      'The token in use died before its time, and is served no longer. It is critical as long as there is no other: shippers get none until the next exchange brings one. It is a warning, for a minute, where another one is served already.',
    steps: [
      'Run `tokenward status AGENT`: it says whether there is a new token, or when one is tried.',
      'Find out at the server who revoked it. Where the secret is refused too, enrol the agent again.',
    ],
  },
  TOKEN_REJECTED: {
    severities: ['warning'],
    summary: 'fresh tokens are rejected',
    meaning:
      'The server rejects tokens that it has just issued, or knows the token and does not let it in where `probe` asks. That is a permission that is missing there, not a revocation; more exchanges do not mend it, and tokenward slows down.',
    steps: [
      'See at the server what the agent may do, and whether the shipper sends to the right address.',
      'Compare `token_header` with what this version of the product expects, and see that `probe.path` is one that the token may read.',
    ],
  },
  ...fileAlerts,
} as const satisfies Readonly<Partial<Record<ErrorCode, CatalogueEntry>>>;

export type AlertCode = keyof typeof alertCatalogue;

export function isAlertCode(code: string): code is AlertCode {
  return Object.hasOwn(alertCatalogue, code);
}

/** Where the page has the heading of a code, such as `#token_expiring`; nothing for what has none. */
export function runbookAnchor(code: string): string {
  return isAlertCode(code) ? `#${code.toLowerCase()}` : '';
}
