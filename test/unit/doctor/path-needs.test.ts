import { expect, it } from 'vitest';
import { parseConfig } from '../../../src/config/parse.ts';
import { pathNeeds } from '../../../src/doctor/path-needs.ts';

it('the files of channels of alerts are among what the daemon needs to read, and are secret', () => {
  const text = `agents:
  web-01: { provider: vcf-logs, url: https://logs.example.com, secret: { store: memory } }
alerts:
  - alertmanager: { url: https://am.example.com, username: us, password_file: /k/password, tls: { ca_file: /k/ca.pem } }
  - webhook: { url_file: /k/url, hmac_key_file: /k/hmac }
  - webhook: { format: pagerduty, routing_key_file: /k/routing }
`;
  const needs = pathNeeds(parseConfig(text, '/etc/tokenward/config.yaml', {}), '/etc/tokenward/config.yaml');
  const ofAlerts = needs.filter(({ path }) => path.startsWith('/k/'));
  expect(ofAlerts.map(({ path, to, secret, at }) => [path, to, secret, at[0]])).toEqual([
    ['/k/password', 'read', true, 'alerts[0].alertmanager.password_file'],
    ['/k/ca.pem', 'read', false, 'alerts[0].alertmanager.tls.ca_file'],
    ['/k/url', 'read', true, 'alerts[1].webhook.url_file'],
    ['/k/hmac', 'read', true, 'alerts[1].webhook.hmac_key_file'],
    ['/k/routing', 'read', true, 'alerts[2].webhook.routing_key_file'],
  ]);
});
