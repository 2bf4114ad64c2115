import { describe, expect, it } from 'vitest';
import { parseConfig } from '../../src/config/parse.ts';
import { expectSameInEditor } from './config-editor.ts';

function parse(text: string, env: Record<string, string> = {}) {
  expectSameInEditor(text, []);
  return parseConfig(text, '/etc/tokenward/config.yaml', env);
}

const minimal = `
agents:
  web-01:
    provider: vcf-logs
    url: https://logs.example.com
    secret: { store: keychain }
`;

const full = `
state_dir: state
shutdown_grace: 20s
allow_ephemeral: true
allow_network_filesystem: true
log: { level: debug }
agents:
  web-01:
    provider: vcf-logs
    url: "https://\${HOST}:9543/base/"
    tls: { ca_file: ca.pem, cert_file: /tls/cert.pem, key_file: ../key.pem, server_name: logs.internal }
    ttl: 1h30m
    refresh: { at: 0.5, jitter: 0 }
    max_exchanges_per_minute: 6000
    exchange_deadline: 1s
    secret: { store: keychain, deadline: 500ms }
    secret_file: web-01.secret
    in_doubt: halt
    token_header: { name: X-JWT-Token }
    probe: { path: "/api/v2/version?of=\${HOST}", every: 10s }
    on_invalid: remove
    files:
      - { path: "\${HOST}.token", format: bare, mode: "600", owner: 1000, group: adm }
      - { path: sds.json, format: envoy-sds }
      - { path: sds-2.json, format: envoy-sds, secret_name: logs }
      - { path: agent.conf, format: template, template: "\${HOST} {{token}} $\${x}" }
  "0.a-b_c":
    provider: vcf-logs
    url: HTTP://127.0.0.1:8080
    ttl: 0
    secret: { store: file, credential: wrapping-key }
listeners:
  - unix: tokenward.sock
    mode: "0666"
    owner: "0"
    group: adm
    peer_check: none
    limits: { connections: 10, requests_per_second: 5, header_deadline: 2s, idle_deadline: 1m30s }
    allow:
      - { user: root, may: [token, status, admin] }
      - { group: 1000, may: [status], agents: ["*"] }
  - { tcp: "[::1]:0", serves: [health] }
  - { tcp: localhost:9464, serves: [metrics, health] }
proxies:
  - { listen: 127.0.0.1:8472, agent: web-01, client_key_file: proxy.key }
  - unix: proxy.sock
    mode: "0600"
    owner: 0
    group: adm
    agent: 0.a-b_c
    peer: { user: fluent }
    methods: [POST]
    paths: [/api/v2/*/events]
    max_body: 1GiB
    rejected: [401]
    answer_deadline: 5s
`;

const fileByDefault = { mode: 0o640, owner: null, group: null };

describe('a configuration', () => {
  it('needs one agent with provider, url and secret; the rest has defaults', () => {
    expect(parse(minimal)).toEqual({
      stateDir: '/var/lib/tokenward',
      shutdownGraceMs: 25_000,
      allowEphemeral: false,
      allowNetworkFilesystem: false,
      log: { level: 'info' },
      agents: [
        {
          name: 'web-01',
          provider: 'vcf-logs',
          url: 'https://logs.example.com',
          tls: {},
          ttlMs: 1_800_000,
          refresh: { at: 0.75, jitter: 0.1 },
          expiresAtMs: null,
          maxExchangesPerMinute: 6,
          exchangeDeadlineMs: 15_000,
          secret: { store: 'keychain', deadlineMs: 5000 },
          secretFile: null,
          inDoubt: 'replay_once',
          tokenHeader: { name: 'Authorization', scheme: 'Bearer' },
          probe: null,
          onInvalid: 'keep',
          files: [],
          hooks: [],
        },
      ],
      alerts: [],
      listeners: [],
      proxies: [],
    });
  });

  it('may say everything', () => {
    const config = parse(full, { HOST: 'logs.example.com' });
    const [web, local] = config.agents;
    expect(config).toMatchObject({
      stateDir: '/etc/tokenward/state',
      shutdownGraceMs: 20_000,
      allowEphemeral: true,
      allowNetworkFilesystem: true,
      log: { level: 'debug' },
    });
    expect(web).toEqual({
      name: 'web-01',
      provider: 'vcf-logs',
      url: 'https://logs.example.com:9543/base',
      tls: {
        caFile: '/etc/tokenward/ca.pem',
        certFile: '/tls/cert.pem',
        keyFile: '/etc/key.pem',
        serverName: 'logs.internal',
      },
      ttlMs: 5_400_000,
      refresh: { at: 0.5, jitter: 0 },
      expiresAtMs: null,
      maxExchangesPerMinute: 6000,
      exchangeDeadlineMs: 1000,
      secret: { store: 'keychain', deadlineMs: 500 },
      secretFile: '/etc/tokenward/web-01.secret',
      inDoubt: 'halt',
      tokenHeader: { name: 'X-JWT-Token', scheme: null },
      probe: { path: '/api/v2/version?of=logs.example.com', everyMs: 10_000 },
      onInvalid: 'remove',
      files: [
        {
          path: '/etc/tokenward/logs.example.com.token',
          format: { kind: 'bare' },
          mode: 0o600,
          owner: '1000',
          group: 'adm',
        },
        {
          ...fileByDefault,
          path: '/etc/tokenward/sds.json',
          format: { kind: 'envoy-sds', secretName: null },
        },
        {
          ...fileByDefault,
          path: '/etc/tokenward/sds-2.json',
          format: { kind: 'envoy-sds', secretName: 'logs' },
        },
        {
          ...fileByDefault,
          path: '/etc/tokenward/agent.conf',
          format: { kind: 'template', template: 'logs.example.com {{token}} ${x}' },
        },
      ],
      hooks: [],
    });
    expect(local).toMatchObject({
      name: '0.a-b_c',
      url: 'http://127.0.0.1:8080',
      ttlMs: 1_800_000,
      secret: { store: 'file', key: { kind: 'credential', name: 'wrapping-key' } },
    });
    expect(config.listeners).toEqual([
      {
        kind: 'unix',
        path: '/etc/tokenward/tokenward.sock',
        mode: 0o666,
        owner: '0',
        group: 'adm',
        peerCheck: 'none',
        limits: {
          connections: 10,
          requestsPerSecond: 5,
          headerDeadlineMs: 2_000,
          idleDeadlineMs: 90_000,
        },
        allow: [
          { kind: 'user', account: 'root', may: ['token', 'status', 'admin'], agents: null },
          { kind: 'group', account: '1000', may: ['status'], agents: ['*'] },
        ],
      },
      { kind: 'tcp', host: '::1', port: 0, serves: ['health'], clients: [] },
      { kind: 'tcp', host: 'localhost', port: 9464, serves: ['metrics', 'health'], clients: [] },
    ]);
  });

  it.each([
    ['{ store: file }', { store: 'file', key: { kind: 'key-file', path: '/state/wrapping.key' } }],
    [
      '{ store: file, key_file: own.key }',
      { store: 'file', key: { kind: 'key-file', path: '/etc/tokenward/own.key' } },
    ],
    ['{ store: memory }', { store: 'memory' }],
  ])('with secret: %s', (secret, expected) => {
    const config = parse(`state_dir: /state\n${minimal.replace('{ store: keychain }', secret)}`);
    expect(config.agents[0]?.secret).toEqual(expected);
  });

  it.each(['localhost', '127.0.0.1', '127.9.8.7:8443', '[::1]:80', 'LOCALHOST'])(
    'may speak http to %s',
    (host) => {
      const config = parse(minimal.replace('https://logs.example.com', `http://${host}`));
      expect(config.agents[0]?.url).toBe(new URL(`http://${host}`).origin);
    },
  );

  it('may share parts by anchors', () => {
    const config = parse(`
agents:
  a: &agent { provider: vcf-logs, url: &url https://a.example.com, secret: { store: memory } }
  b: *agent
  c: { provider: vcf-logs, url: *url, secret: { store: memory } }
`);
    expect(config.agents.map(({ name, url }) => `${name} ${url}`)).toEqual([
      'a https://a.example.com',
      'b https://a.example.com',
      'c https://a.example.com',
    ]);
  });

  it('holds the path of a socket up to the 107 bytes of the kernel', () => {
    const path = `/${'s'.repeat(106)}`;
    expect(parse(`${minimal}listeners: [{ unix: ${path} }]`).listeners).toMatchObject([{ path }]);
  });
});
