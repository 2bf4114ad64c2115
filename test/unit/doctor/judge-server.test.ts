import { describe, expect, it } from 'vitest';
import { judgeServer } from '../../../src/doctor/judge-server.ts';
import type { CertificateFacts, ServerFacts } from '../../../src/doctor/server-facts.ts';
import { told } from './lines.ts';

const now = new Date('2026-11-28T12:00:00Z');
const dayMs = 86_400_000;
const server = 'logs.example.com:443';
const nothing: ServerFacts = {
  server,
  url: 'https://logs.example.com',
  agents: ['web-01'],
  proxy: null,
  name: null,
  connection: null,
  tls: null,
  chain: [],
  clock: null,
};

const lines = (facts: Partial<ServerFacts>) => judgeServer({ ...nothing, ...facts }, now).map(told);
const failure = (reason: string) => ({ failure: { code: 'SERVER_UNREACHABLE', reason } }) as const;
const s_client =
  'openssl s_client -connect logs.example.com:443 -servername logs.example.com -showcerts </dev/null';

describe('the way to a server', () => {
  it.each<[string, Partial<ServerFacts>, string]>([
    [
      'a name that is known',
      { name: { host: 'logs.example.com', addresses: ['192.0.2.1', '192.0.2.2'], ms: 3.4 } },
      'ok server-name: the name leads to 192.0.2.1, 192.0.2.2 (3 ms)',
    ],
    [
      'a name that is not',
      { name: failure('the host name x does not exist (ENOTFOUND): check url') },
      'failing server-name: the host name x does not exist (ENOTFOUND) → check url (try: getent ahosts logs.example.com) (SERVER_UNREACHABLE)',
    ],
    [
      'a connection through a proxy',
      { connection: { ms: 0.2 }, proxy: 'proxy:3128' },
      'ok server-connection: connected through the proxy proxy:3128 (1 ms)',
    ],
    [
      'a closed port',
      { connection: failure('h refused the connection (ECONNREFUSED): is it up?') },
      'failing server-connection: h refused the connection (ECONNREFUSED) → is it up? (try: curl -v https://logs.example.com/) (SERVER_UNREACHABLE)',
    ],
    [
      'a trusted certificate',
      { tls: { protocol: 'TLSv1.3', ms: 12 } },
      'ok server-tls: speaks TLSv1.3, and its certificate is trusted (12 ms)',
    ],
    [
      'one that is not',
      { tls: { failure: { code: 'SERVER_TLS_FAILED', reason: 'not signed by a CA: set tls.ca_file' } } },
      `failing server-tls: not signed by a CA → set tls.ca_file (try: ${s_client}) (SERVER_TLS_FAILED)`,
    ],
    [
      'a file of ours that cannot be used',
      {
        tls: { failure: { code: 'CONFIG_INVALID', reason: 'cannot read tls.ca_file x (EACCES): check it' } },
      },
      'failing server-tls: cannot read tls.ca_file x (EACCES) → check it (CONFIG_INVALID)',
    ],
  ])('%s', (_what, facts, line) => {
    expect(lines(facts)).toEqual([line]);
  });
});

const certificate = (days: number, fromDays = -1): CertificateFacts => ({
  subject: 'logs',
  issuer: 'the CA',
  from: new Date(now.getTime() + fromDays * dayMs),
  to: new Date(now.getTime() + days * dayMs),
});

describe('a certificate', () => {
  it.each<[number, string]>([
    [30, 'ok server-certificate: the certificate logs, issued by the CA, has 30 days left, until 2026-12-28'],
    [
      29.9,
      `warning server-certificate: the certificate logs, issued by the CA, has 29 days left, until 2026-12-28 → renew it on the server; look at it: ${s_client}`,
    ],
    [
      1,
      `warning server-certificate: the certificate logs, issued by the CA, has 1 day left, until 2026-11-29 → renew it on the server; look at it: ${s_client}`,
    ],
    [
      -0.01,
      `failing server-certificate: the certificate logs, issued by the CA, expired on 2026-11-28 → renew it on the server; look at it: ${s_client} (SERVER_TLS_FAILED)`,
    ],
  ])('with %d days left', (days, line) => {
    expect(lines({ chain: [certificate(days)] })).toEqual([line]);
  });

  it('that is not valid yet makes one look at the clocks', () => {
    expect(lines({ chain: [certificate(9, 2)] })).toEqual([
      `failing server-certificate: the certificate logs, issued by the CA, is not valid before 2026-11-30 → see to the clocks of both hosts (date -u), or renew it on the server; look at it: ${s_client} (SERVER_TLS_FAILED)`,
    ]);
  });

  it('of an issuer counts as much as that of the server', () => {
    const [, issuer] = lines({ chain: [certificate(90), { ...certificate(3), subject: 'the CA' }] });
    expect(issuer).toMatch(
      /^warning .*the CA, which signed itself, has 3 days left.* → renew it where it is issued, and install it/,
    );
  });
});

describe('the clock', () => {
  it.each<[string, ServerFacts['clock'], string]>([
    [
      'like ours',
      { aheadMs: -30_000, roundTripMs: 20, answer: 404 },
      'ok server-clock: its clock is within 31s of ours (it answered 404 in 20 ms)',
    ],
    [
      'a little ahead',
      { aheadMs: 30_001, roundTripMs: 20, answer: 200 },
      "warning server-clock: our clock is 30s behind the server's; certificates and the ends of tokens across reboots are judged by it → set the clock of the host that is wrong: timedatectl set-ntp true (compare: date -u)",
    ],
    [
      'far behind',
      { aheadMs: -3_700_000, roundTripMs: 20, answer: 200 },
      "failing server-clock: our clock is 61m ahead of the server's; certificates and the ends of tokens across reboots are judged by it → set the clock of the host that is wrong: timedatectl set-ntp true (compare: date -u)",
    ],
    [
      'not told',
      { aheadMs: null, roundTripMs: 20, answer: 200 },
      'warning server-clock: it answers (200) without a Date, so that its clock cannot be compared with ours → compare the clocks by hand, on both hosts: date -u',
    ],
    [
      'of a server that hangs',
      { aheadMs: null, roundTripMs: 20, answer: 'late' },
      'failing server-clock: it does not answer a plain GET in time → see whether the server is well: curl -v https://logs.example.com/ (SERVER_TROUBLE)',
    ],
    [
      'of one that does not like us',
      { aheadMs: null, roundTripMs: 20, answer: 'cut off' },
      'warning server-clock: it ends the connection at a plain GET, so that its clock is not known → see whether the server is well: curl -v https://logs.example.com/ (SERVER_TROUBLE)',
    ],
  ])('%s', (_what, clock, line) => {
    expect(lines({ clock })).toEqual([line]);
  });

  it.each([
    [300_000, 'warning'],
    [300_001, 'failing'],
    [-300_001, 'failing'],
  ])('%d ms away is %s', (aheadMs, status) => {
    const [line] = judgeServer({ ...nothing, clock: { aheadMs, roundTripMs: 1, answer: 200 } }, now);
    expect(line?.status).toBe(status);
  });
});
