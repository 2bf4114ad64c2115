import { describe, expect, it } from 'vitest';
import { parseConfig } from '../../src/config/parse.ts';
import { problemsIn, withAgent } from './config-problems.ts';

const withAlert = (entry: string) => `${withAgent({})}alerts: [${entry}]\n`;
const read = (entry: string) => {
  expect(problemsIn(withAlert(entry))).toEqual([]);
  return parseConfig(withAlert(entry), '/etc/tokenward/config.yaml', {}).alerts;
};

const noTls = { caFile: undefined, certFile: undefined, keyFile: undefined, serverName: undefined };

describe('a channel for alerts', () => {
  it('is none where the file says nothing: the log is always told', () => {
    expect(parseConfig(withAgent({}), '/c.yaml', {}).alerts).toEqual([]);
    expect(read('{ log: {} }')).toEqual([{ kind: 'log' }]);
  });

  it('may be an Alertmanager', () => {
    const plain = { kind: 'alertmanager', tls: noTls, username: null, passwordFile: null };
    expect(read('{ alertmanager: { url: "http://127.0.0.1:9093/am/" } }')).toEqual([
      { ...plain, url: 'http://127.0.0.1:9093/am', bearerTokenFile: null, runbooks: null },
    ]);
    expect(
      read(
        '{ alertmanager: { url: https://am.example.com, tls: { ca_file: ca.pem }, username: us, password_file: pw, runbooks: https://wiki.example.com/r } }',
      ),
    ).toMatchObject([
      {
        tls: { caFile: '/etc/tokenward/ca.pem' },
        username: 'us',
        passwordFile: '/etc/tokenward/pw',
        runbooks: 'https://wiki.example.com/r',
      },
    ]);
  });

  it('may be a webhook, of several formats', () => {
    expect(read('{ webhook: { url: "https://hooks.example.com/a?b=c", hmac_key_file: key } }')).toEqual([
      {
        kind: 'webhook',
        url: 'https://hooks.example.com/a?b=c',
        urlFile: null,
        format: 'json',
        hmacKeyFile: '/etc/tokenward/key',
        routingKeyFile: null,
        tls: noTls,
        runbooks: null,
      },
    ]);
    expect(read('{ webhook: { url_file: slack.url, format: slack } }')).toMatchObject([
      { url: null, urlFile: '/etc/tokenward/slack.url', format: 'slack' },
    ]);
    expect(read('{ webhook: { format: pagerduty, routing_key_file: /k } }')).toMatchObject([
      { url: 'https://events.pagerduty.com/v2/enqueue', format: 'pagerduty', routingKeyFile: '/k' },
    ]);
  });

  it('may be a program', () => {
    expect(read('{ exec: [/usr/local/bin/page-me, --team, "logs"], timeout: 1m }')).toEqual([
      {
        kind: 'exec',
        command: ['/usr/local/bin/page-me', '--team', 'logs'],
        timeoutMs: 60_000,
        runbooks: null,
      },
    ]);
    expect(read('{ exec: [/bin/page-me] }')).toMatchObject([{ timeoutMs: 10_000 }]);
  });
});

describe('a mistake in a channel for alerts', () => {
  const none = 'a channel is one of log, alertmanager, webhook, exec, such as { log: {} }';
  it.each([
    ['{}', `6:10: alerts[0]: ${none}`],
    ['log', `6:10: alerts[0]: ${none}`],
    ['{ slack: {} }', `6:10: alerts[0]: ${none}`],
    ['{ log: {}, exec: [/bin/true] }', `6:10: alerts[0]: ${none}`],
    ['{ log: }', '6:17: alerts[0].log: is empty; expected a mapping (key: value)'],
    [
      '{ alertmanager: {} }',
      '6:12: alerts[0].alertmanager.url: is missing; for example url: https://alertmanager.example.com',
    ],
    [
      '{ alertmanager: { url: http://am.example.com } }',
      '6:33: alerts[0].alertmanager.url: http:// would send alerts in clear text and is allowed for loopback hosts only; use https://',
    ],
    [
      '{ alertmanager: { url: https://am.example.com/api/v2/alerts } }',
      '6:33: alerts[0].alertmanager.url: expected the address of the server alone; leave away /api and what follows it',
    ],
    [
      '{ alertmanager: { url: https://am.example.com, username: us } }',
      '6:26: alerts[0].alertmanager: `username` and `password_file` belong together; give both or none',
    ],
    [
      '{ alertmanager: { url: https://am.example.com, username: us, password_file: p, bearer_token_file: b } }',
      '6:26: alerts[0].alertmanager: give `username` or `bearer_token_file`, not both',
    ],
    [
      '{ alertmanager: { url: http://127.0.0.1:9093, tls: { ca_file: ca.pem } } }',
      '6:26: alerts[0].alertmanager: `tls` has no effect on an http:// url; remove it or use https://',
    ],
    ['{ webhook: {} }', '6:21: alerts[0].webhook: give either `url` or `url_file`'],
    [
      '{ webhook: { url: https://h.example.com, url_file: f } }',
      '6:21: alerts[0].webhook: give either `url` or `url_file`',
    ],
    [
      '{ webhook: { url: "https://h.example.com/#x" } }',
      '6:28: alerts[0].webhook.url: must not carry a fragment',
    ],
    [
      '{ webhook: { url: https://u:p@h.example.com } }',
      '6:28: alerts[0].webhook.url: must not carry a user name or password; a url that is a secret belongs in `url_file`',
    ],
    [
      '{ webhook: { url: https://h.example.com, format: teams } }',
      '6:59: alerts[0].webhook.format: expected one of json, slack, pagerduty',
    ],
    [
      '{ webhook: { format: pagerduty } }',
      '6:21: alerts[0].webhook: `routing_key_file` belongs to `format: pagerduty`, and is needed there',
    ],
    [
      '{ webhook: { url_file: f, format: slack, hmac_key_file: k } }',
      '6:21: alerts[0].webhook: `hmac_key_file` signs `format: json` only; the other services do not look at it',
    ],
    [
      '{ webhook: { url: https://h.example.com, token: x } }',
      '6:51: alerts[0].webhook.token: unknown key; secrets are never written in the configuration; hand the secret over with `tokenward import AGENT`',
    ],
    [
      '{ exec: [] }',
      '6:18: alerts[0].exec: is empty; expected a command and its arguments, such as [/usr/local/bin/page-me, --team, logs]',
    ],
    [
      '{ exec: /bin/true }',
      '6:18: alerts[0].exec: expected a command and its arguments, such as [/usr/local/bin/page-me, --team, logs], got text',
    ],
    [
      '{ exec: [page-me] }',
      '6:18: alerts[0].exec: begins with the absolute path of a program; no shell is there to look for it',
    ],
    ['{ exec: [/bin/a], timeout: 10m }', '6:37: alerts[0].timeout: must be 1s to 5m'],
  ])('%s', (entry, problem) => {
    expect(problemsIn(withAlert(entry))).toEqual([problem]);
  });
});
