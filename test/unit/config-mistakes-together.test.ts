import { describe, expect, it } from 'vitest';
import { problemsIn, withAgent } from './config-problems.ts';

const tcpListener = (tcp: string) => `  - { tcp: "${tcp}", serves: [health] }\n`;

const agentIn = (name: string, secret: string) =>
  withAgent({ secret })
    .replace(/^agents:\n/, '')
    .replace('web-01', name);

describe('parts that do not go together', () => {
  it('two places for one file', () => {
    const other = withAgent({ files: '[{ path: /run/a }, { path: /run/./a }]' })
      .replace(/^agents:\n/, '')
      .replace('web-01', 'web-02');
    const text = `${withAgent({ files: '[{ path: /run/a }]' })}${other}listeners: [{ unix: /run/a }, { unix: /run/b }, { unix: /run/b }]\n`;
    expect(problemsIn(text)).toEqual([
      '11:21: agents.web-02.files[0].path: already used by agents.web-01.files[0].path',
      '11:39: agents.web-02.files[1].path: already used by agents.web-01.files[0].path',
      '12:21: listeners[0].unix: already used by agents.web-01.files[0].path',
      '12:57: listeners[2].unix: already used by listeners[1].unix',
    ]);
  });

  it('a secret file that is not of one agent alone', () => {
    const other = withAgent({ secret_file: '/run/b', files: '[{ path: /run/a }]' })
      .replace(/^agents:\n/, '')
      .replace('web-01', 'web-02');
    const text = `${withAgent({ secret_file: '/run/b', files: '[{ path: /run/b }]' })}${other}`;
    expect(problemsIn(text)).toEqual([
      '6:18: agents.web-01.secret_file: already used by agents.web-01.files[0].path',
      '12:18: agents.web-02.secret_file: already used by agents.web-01.files[0].path',
    ]);
  });

  it('one Secret of Kubernetes, or one Lease, for two agents', () => {
    const text = `agents:\n${agentIn('web-01', '{ store: kubernetes, name: a }')}${agentIn('web-02', '{ store: kubernetes, name: a, namespace: logs }')}${agentIn('web-03', '{ store: kubernetes, name: a, lease: b }')}${agentIn('web-04', '{ store: kubernetes, name: c, lease: b }')}`;
    expect(problemsIn(text)).toEqual([
      '13:40: agents.web-03.secret.name: already used by agents.web-01.secret.name',
      '17:50: agents.web-04.secret.lease: already used by agents.web-03.secret.lease',
    ]);
  });

  it('two listeners on one port, unless the system picks it', () => {
    const ports = ['127.0.0.1:0', '127.0.0.1:0', '127.0.0.1:80', '[::1]:80', '127.0.0.1:80']
      .map(tcpListener)
      .join('');
    expect(problemsIn(`${withAgent({})}listeners:\n${ports}`)).toEqual([
      '11:12: listeners[4].tcp: already used by listeners[2].tcp',
    ]);
  });
});

describe('several mistakes', () => {
  it('are all told, in the order of the file, also across parts', () => {
    const text = `shutdown_grace: 10s
agents:
  good:
    provider: vcf-logs
    url: https://logs.example.com
    secret: { store: memory }
  bad:
    provder: vcf-logs
    url: \${URL}
    secret: { store: memory }
    ttl: 10s
    hooks: [{}]
listeners:
  - tcp: 127.0.0.1
    serves: health
  - unix: /run/a
  - unix: /run/a
`;
    expect(problemsIn(text)).toEqual([
      '3:3: agents.good.exchange_deadline: 15s must be shorter than shutdown_grace, which is 10s',
      '8:5: agents.bad.provder: unknown key; did you mean "provider"?',
      '9:10: agents.bad.url: environment variable URL is not set; set it where tokenward is started (Environment= in a systemd unit), or write the value itself here',
      '11:10: agents.bad.ttl: must be 1m to 180d',
      '12:13: agents.bad.hooks[0]: a hook is one of signal, http, exec, such as { signal: HUP, pid_file: /run/vector.pid }',
      '14:10: listeners[0].tcp: expected HOST:PORT such as 127.0.0.1:9464 or [::1]:9464, with an IP address or localhost as host',
      '15:13: listeners[0].serves: expected a list such as [health, metrics], got text',
      '17:11: listeners[2].unix: already used by listeners[1].unix',
    ]);
  });

  it('never repeat what stands in the file or the environment', () => {
    const secret = 'S3cr3t-that-was-pasted';
    const places = [
      'url',
      'provider',
      'ttl',
      'secret',
      'in_doubt',
      'on_invalid',
      'max_exchanges_per_minute',
      'password',
      'files',
      'tls',
      'refresh',
    ];
    const texts = places
      .map((key) => withAgent({ [key]: secret }))
      .concat(places.map((key) => withAgent({ [key]: '${PASTED}' })));
    for (const text of texts) {
      const problems = problemsIn(text, { PASTED: secret }).join('\n');
      expect(problems).not.toBe('');
      expect(problems).not.toContain(secret);
    }
  });
});
