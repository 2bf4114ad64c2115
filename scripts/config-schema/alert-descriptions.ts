import { type Description, text } from './description.ts';
import { tlsDescriptions } from './tls-descriptions.ts';

const runbooks = text(
  'Where docs/runbooks.md can be read: what notices link to, with the heading of the alert behind it. Without it they name the page.',
  'https://wiki.example.com/tokenward/runbooks',
);

/** The keys of `alerts`, as in {@link descriptions}. */
export const alertDescriptions: Readonly<Record<string, Description>> = {
  '.alerts': text(
    'Who is told of alerts, beside the log, which always is. What is sent, and when, is in docs/alerts.md.',
  ),
  '.alerts[]': text('A channel: `log`, `alertmanager`, `webhook` or `exec`.', {
    alertmanager: { url: 'https://alertmanager.example.com' },
  }),
  '.alerts[].log': text('The log of the daemon. It is told in any case; this only says so.'),
  '.alerts[].alertmanager': text('A Prometheus Alertmanager, by its API v2.'),
  '.alerts[].alertmanager.url': text(
    'Its address: https, and http for loopback hosts only. A path in front of that of the API may follow.',
    'https://alertmanager.example.com',
  ),
  ...tlsDescriptions('.alerts[].alertmanager.tls', 'Alertmanager'),
  '.alerts[].alertmanager.username': text(
    'The user of Basic authentication; goes with password_file.',
    'tokenward',
  ),
  '.alerts[].alertmanager.password_file': text(
    'The file of its password, on one line, mode 0600.',
    '/etc/tokenward/alertmanager.password',
  ),
  '.alerts[].alertmanager.bearer_token_file': text(
    'The file of a bearer token, on one line, mode 0600, instead of username.',
    '/etc/tokenward/alertmanager.token',
  ),
  '.alerts[].alertmanager.runbooks': runbooks,
  '.alerts[].webhook': text('An address that notices are posted to.', {
    url: 'https://hooks.example.com/tokenward',
  }),
  '.alerts[].webhook.url': text(
    'The address: https, and http for loopback hosts only. With pagerduty it is https://events.pagerduty.com/v2/enqueue where nothing is said.',
    'https://hooks.example.com/tokenward',
  ),
  '.alerts[].webhook.url_file': text(
    'The file of an address that is itself a secret, as those of Slack are: one line, mode 0600, instead of url.',
    '/etc/tokenward/slack.url',
  ),
  '.alerts[].webhook.format': text(
    'json: the notice as docs/alerts.md describes it. slack: an incoming webhook of Slack. pagerduty: an event of the Events API v2.',
  ),
  '.alerts[].webhook.hmac_key_file': text(
    'The file of the key that signs what is posted, on one line, mode 0600. Only for json.',
    '/etc/tokenward/webhook.key',
  ),
  '.alerts[].webhook.routing_key_file': text(
    'The file of the integration key of PagerDuty, on one line, mode 0600. Only for pagerduty, and needed there.',
    '/etc/tokenward/pagerduty.key',
  ),
  ...tlsDescriptions('.alerts[].webhook.tls', 'the receiver'),
  '.alerts[].webhook.runbooks': runbooks,
  '.alerts[].exec': text(
    'A program that is started for each notice, and its arguments. It gets the notice as JSON on standard input; there is no shell.',
    ['/usr/local/bin/page-me'],
  ),
  '.alerts[].exec[]': text('The absolute path of the program, or an argument.'),
  '.alerts[].timeout': text('How long the program may take, 1s to 5m; then it is killed, and tried again.'),
  '.alerts[].runbooks': runbooks,
};
