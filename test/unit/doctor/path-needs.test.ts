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

it('the files of hooks are too; a program that does not run has no pid file', () => {
  const text = `agents:
  web-01:
    provider: vcf-logs
    url: https://logs.example.com
    secret: { store: memory }
    hooks:
      - { exec: [/bin/true] }
      - { signal: HUP, pid_file: /k/a.pid }
      - { signal: HUP, unit: a.service }
      - { http: { url: https://a.example.com, tls: { ca_file: /k/ca.pem } } }
`;
  const needs = pathNeeds(parseConfig(text, '/etc/tokenward/config.yaml', {}), '/etc/tokenward/config.yaml');
  const ofHooks = needs.filter(({ path }) => path.startsWith('/k/'));
  expect(ofHooks.map(({ path, to, agents, at }) => [path, to, agents, at[0]])).toEqual([
    ['/k/a.pid', 'read-if-there', ['web-01'], 'agents.web-01.hooks[1].pid_file'],
    ['/k/ca.pem', 'read', ['web-01'], 'agents.web-01.hooks[3].http.tls.ca_file'],
  ]);
});
