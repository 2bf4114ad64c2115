import { describe, expect, it } from 'vitest';
import { advice, problemsIn, withAgent } from './config-problems.ts';

describe('a mistake in an agent', () => {
  it.each<[Record<string, string | null>, string]>([
    [{ url: null }, '2:3: agents.web-01.url: is missing; for example url: https://logs.example.com'],
    [{ provider: null }, '2:3: agents.web-01.provider: is missing; for example provider: vcf-logs'],
    [{ secret: null }, '2:3: agents.web-01.secret: is missing; for example secret: { store: file }'],
    [{ refrsh: '{}' }, '6:5: agents.web-01.refrsh: unknown key; did you mean "refresh"?'],
    [
      { secret_file: '~/x' },
      '6:18: agents.web-01.secret_file: `~/` is not expanded here; write the whole path',
    ],
    [{ on_invalid: 'delete' }, '6:17: agents.web-01.on_invalid: expected one of keep, remove'],
    [{ token: 'abc' }, `6:5: agents.web-01.token: unknown key; ${advice}`],
    [
      { provider: 'vcf_logs' },
      '3:15: agents.web-01.provider: expected one of vcf-logs, onezone, f5-xc; did you mean "vcf-logs"?',
    ],
    [{ provider: 'splunk' }, '3:15: agents.web-01.provider: expected one of vcf-logs, onezone, f5-xc'],
    [{ url: '' }, '4:10: agents.web-01.url: is empty; expected a URL such as https://logs.example.com'],
    [
      { url: 'logs.example.com' },
      '4:10: agents.web-01.url: has no scheme; write https:// before it, as in https://logs.example.com',
    ],
    [
      { url: 'https://logs.example.com:0' },
      '4:10: agents.web-01.url: there is no port 0; name the port of the server, or leave it away for 443',
    ],
    [
      { url: 'ftp://logs.example.com' },
      '4:10: agents.web-01.url: expected a URL such as https://logs.example.com',
    ],
    [
      { url: 'http://logs.example.com' },
      '4:10: agents.web-01.url: http:// would send the secret in clear text and is allowed for loopback hosts only; use https://',
    ],
    [
      { url: 'https://me:pw@logs.example.com' },
      `4:10: agents.web-01.url: must not carry a user name or password; ${advice}`,
    ],
    [
      { url: 'https://logs.example.com/?a=1' },
      '4:10: agents.web-01.url: must not carry a query or a fragment',
    ],
    [
      { url: 'https://logs.example.com/api/v2/agent/secrets/exchange' },
      '4:10: agents.web-01.url: expected the address of the server alone; leave away /api and what follows it',
    ],
    [
      { url: 'http://127.0.0.1', tls: '{ ca_file: ca.pem }' },
      '6:10: agents.web-01.tls: has no effect on an http:// url; remove it or use https://',
    ],
    [{ tls: '{ ca: ca.pem }' }, '6:12: agents.web-01.tls.ca: unknown key; did you mean "ca_file"?'],
    [
      { tls: '{ cert_file: c.pem }' },
      '6:10: agents.web-01.tls: `cert_file` and `key_file` belong together; give both or none',
    ],
    [
      { tls: '{ server_name: "https://x" }' },
      '6:25: agents.web-01.tls.server_name: expected a host name such as logs.example.com',
    ],
    [
      { ttl: '30' },
      '6:10: agents.web-01.ttl: expected a duration with its unit, such as 500ms, 30s or 1h30m, got a number',
    ],
    [{ ttl: '59s' }, '6:10: agents.web-01.ttl: must be 1m to 180d'],
    [{ ttl: '181d' }, '6:10: agents.web-01.ttl: must be 1m to 180d'],
    [
      { ttl: 'half an hour' },
      '6:10: agents.web-01.ttl: expected a duration with its unit, such as 500ms, 30s or 1h30m',
    ],
    [{ refresh: '{ at: 75 }' }, '6:20: agents.web-01.refresh.at: expected a number above 0 and below 1'],
    [
      { refresh: '{ at: 75% }' },
      '6:20: agents.web-01.refresh.at: expected a number above 0 and below 1, got text',
    ],
    [
      { refresh: '{ jitter: -0.1 }' },
      '6:24: agents.web-01.refresh.jitter: expected a number from 0 to below 1',
    ],
    [
      { refresh: '{ at: 0.95 }' },
      '6:14: agents.web-01.refresh: `at` + `jitter` must stay below 1, the end of the token',
    ],
    [
      { refresh: '{ at: 0.1 }' },
      '6:14: agents.web-01.refresh: `at` - `jitter` must stay above 0, the start of the token',
    ],
    [
      { max_exchanges_per_minute: '0' },
      '6:31: agents.web-01.max_exchanges_per_minute: expected a whole number from 1 to 6000',
    ],
    [
      { max_exchanges_per_minute: '2.5' },
      '6:31: agents.web-01.max_exchanges_per_minute: expected a whole number from 1 to 6000',
    ],
    [{ exchange_deadline: '30s' }, '6:24: agents.web-01.exchange_deadline: must be 1s to 20s'],
    [
      { in_doubt: 'replay' },
      '6:15: agents.web-01.in_doubt: expected one of replay_once, halt; did you mean "replay_once"?',
    ],
  ])('%j', (keys, problem) => {
    expect(problemsIn(withAgent(keys))).toEqual([problem]);
  });

  it.each([
    [
      's3cr3t',
      `5:13: agents.web-01.secret: expected where the secret is kept, such as { store: file }; ${advice}`,
    ],
    ['keychain', '5:13: agents.web-01.secret: expected a mapping; write secret: { store: keychain }'],
    [
      '[file]',
      '5:13: agents.web-01.secret: expected where the secret is kept, such as { store: file }, got a list',
    ],
    ['{}', '5:5: agents.web-01.secret.store: is missing; expected one of keychain, file, kubernetes, memory'],
    [
      '{ store: vault }',
      '5:22: agents.web-01.secret.store: expected one of keychain, file, kubernetes, memory',
    ],
    [
      '{ store: keyring }',
      '5:22: agents.web-01.secret.store: expected one of keychain, file, kubernetes, memory',
    ],
    [
      '{ store: Keychain }',
      '5:22: agents.web-01.secret.store: expected one of keychain, file, kubernetes, memory; did you mean "keychain"?',
    ],
    [
      '{ store: kubernetes, namespace: logs }',
      '5:5: agents.web-01.secret.name: is missing; for example name: ${POD_NAME}',
    ],
    [
      '{ store: kubernetes, name: a/b }',
      '5:40: agents.web-01.secret.name: expected the name of a Secret, such as tokenward-web-01',
    ],
    [
      '{ store: kubernetes, name: a, namespace: a.b }',
      '5:54: agents.web-01.secret.namespace: expected the name of a namespace',
    ],
    [
      '{ store: kubernetes, name: a, api_server: "http://example.com" }',
      '5:55: agents.web-01.secret.api_server: http:// would send the secret in clear text and is allowed for loopback hosts only; use https://',
    ],
    ['{ store: file, value: s3cr3t }', `5:28: agents.web-01.secret.value: unknown key; ${advice}`],
    ['{ store: file, secret: s3cr3t }', `5:28: agents.web-01.secret.secret: unknown key; ${advice}`],
    [
      '{ store: file, key: own.key }',
      '5:28: agents.web-01.secret.key: unknown key; did you mean "key_file"?',
    ],
    [
      '{ store: file, key_file: a, credential: b }',
      '5:13: agents.web-01.secret: give `key_file` or `credential`, not both',
    ],
    [
      '{ store: file, credential: ../b }',
      '5:40: agents.web-01.secret.credential: expected the name of a systemd credential, without a path',
    ],
    [
      '{ store: keychain, key_file: a }',
      '5:32: agents.web-01.secret.key_file: unknown key; known here: store, deadline',
    ],
    ['{ store: keychain, deadline: 5m }', '5:42: agents.web-01.secret.deadline: must be 500ms to 60s'],
  ])('secret: %s', (secret, problem) => {
    expect(problemsIn(withAgent({ secret }))).toEqual([problem]);
  });

  it.each([
    ['{}', '6:13: agents.web-01.files[0].path: is missing; for example path: /run/tokenward/web-01.token'],
    ['/run/web-01.token', '6:13: agents.web-01.files[0]: expected a mapping (key: value), got text'],
    [
      '{ path: /t, mode: 0640 }',
      '6:31: agents.web-01.files[0].mode: expected a mode in quotes, three octal digits after a 0, such as "0640", got a number',
    ],
    ['{ path: /t, mode: 0o640 }', expect.stringContaining('in quotes') as string],
    [
      '{ path: /t, mode: rw-r----- }',
      '6:31: agents.web-01.files[0].mode: expected a mode in quotes, three octal digits after a 0, such as "0640"',
    ],
    [
      '{ path: /t, mode: "0666" }',
      '6:31: agents.web-01.files[0].mode: a token file may be written by its owner only, such as "0640"',
    ],
    [
      '{ path: /t, format: jsn }',
      '6:33: agents.web-01.files[0].format: expected one of bare, header, json, env, envoy-sds, template; did you mean "json"?',
    ],
    [
      '{ path: /t, format: template }',
      '6:13: agents.web-01.files[0].template: is missing; format: template needs it, for example template: "token = {{token}}"',
    ],
    [
      '{ path: /t, template: "{{token}}" }',
      '6:25: agents.web-01.files[0].template: has an effect with format: template only; remove it, or set that format',
    ],
    [
      '{ path: /t, format: json, secret_name: a }',
      '6:39: agents.web-01.files[0].secret_name: has an effect with format: envoy-sds only; remove it, or set that format',
    ],
    [
      '{ path: /t, format: envoy-sds, secret_name: "a b" }',
      '6:57: agents.web-01.files[0].secret_name: expected the name by which Envoy asks for the secret, such as web-01',
    ],
    [
      '{ path: /t, format: template, template: "a" }',
      '6:53: agents.web-01.files[0].template: the token is not in it; put {{token}} or {{header_value}} where it belongs',
    ],
    [
      '{ path: /t, format: template, template: "{{token}} {{secret}}" }',
      '6:53: agents.web-01.files[0].template: "{{" does not begin a field here; the fields are {{token}}, {{header_name}}, {{header_value}}, {{expires_at}}, {{expires_at_unix}}, {{agent}}, {{sequence}}',
    ],
    ['{ path: /t, owner: "a b" }', '6:32: agents.web-01.files[0].owner: expected a user by name or number'],
    [
      '{ path: /t, group: [adm] }',
      '6:32: agents.web-01.files[0].group: expected a group by name or number, got a list',
    ],
  ])('files: %s', (file, problem) => {
    expect(problemsIn(withAgent({ files: `[${file}]` }))).toEqual([problem]);
  });

  it.each(['Web-01', '-web', 'web 01', 'web/01', `w${'x'.repeat(63)}`, '${NAME}'])('the name %s', (name) => {
    const text = withAgent({}).replace('web-01', JSON.stringify(name));
    const rule =
      'the name of an agent is 1 to 63 of the characters a-z, 0-9, ".", "_" and "-", the first a letter or a digit';
    expect(problemsIn(text, { NAME: 'web-01' })).toEqual([
      `2:3: agents.${name.includes(' ') ? JSON.stringify(name) : name}: ${rule}`,
    ]);
  });
});
