import { describe, expect, it } from 'vitest';
import { parseConfig } from '../../src/config/parse.ts';
import { hookNames } from '../../src/outputs/hooks/hook.ts';
import { problemsIn, withAgent } from './config-problems.ts';

const withHook = (entry: string) => withAgent({ hooks: `[${entry}]` });
const read = (entry: string) => {
  expect(problemsIn(withHook(entry))).toEqual([]);
  return parseConfig(withHook(entry), '/etc/tokenward/config.yaml', {}).agents[0]?.hooks ?? [];
};

describe('a hook', () => {
  it('may be a signal to the process that a file names, or to that of a service', () => {
    expect(read('{ signal: HUP, pid_file: vector.pid }')).toEqual([
      {
        kind: 'signal',
        signal: 'HUP',
        target: { kind: 'pid-file', path: '/etc/tokenward/vector.pid' },
        process: null,
        timeoutMs: 10_000,
      },
    ]);
    expect(read('{ signal: USR1, unit: fluent-bit@a.service, process: fluent-bit, timeout: 1m }')).toEqual([
      {
        kind: 'signal',
        signal: 'USR1',
        target: { kind: 'unit', unit: 'fluent-bit@a.service' },
        process: 'fluent-bit',
        timeoutMs: 60_000,
      },
    ]);
  });

  it('may be a request', () => {
    expect(read('{ http: { url: "http://127.0.0.1:2020/api/v2/reload" } }')).toMatchObject([
      { kind: 'http', method: 'POST', url: 'http://127.0.0.1:2020/api/v2/reload', timeoutMs: 10_000 },
    ]);
    expect(
      read('{ http: { method: PUT, url: https://a.example.com/r, tls: { ca_file: ca.pem } }, timeout: 2s }'),
    ).toMatchObject([{ method: 'PUT', tls: { caFile: '/etc/tokenward/ca.pem' }, timeoutMs: 2_000 }]);
  });

  it('may be a program', () => {
    expect(read('{ exec: [/usr/bin/systemctl, reload, vector] }')).toEqual([
      { kind: 'exec', command: ['/usr/bin/systemctl', 'reload', 'vector'], timeoutMs: 10_000 },
    ]);
  });

  it('has a name of its own, in which no path of an address is', () => {
    const hooks = read(
      '{ exec: [/bin/a, x] }, { exec: [/bin/a, y] }, { http: { url: https://a.example.com/s3cret } }, { signal: HUP, unit: a.service }, { signal: TERM, pid_file: /run/a.pid }',
    );
    expect(hookNames(hooks)).toEqual([
      'exec /bin/a',
      'exec /bin/a #2',
      'http a.example.com',
      'signal HUP a.service',
      'signal TERM /run/a.pid',
    ]);
  });
});

describe('a mistake in a hook', () => {
  const none = 'a hook is one of signal, http, exec, such as { signal: HUP, pid_file: /run/vector.pid }';
  const at = 'agents.web-01.hooks[0]';
  it.each([
    ['{}', `6:13: ${at}: ${none}`],
    ['HUP', `6:13: ${at}: ${none}`],
    ['{ signal: HUP, exec: [/bin/true] }', `6:13: ${at}: ${none}`],
    ['{ signal: KILL, pid_file: /run/a.pid }', `6:23: ${at}.signal: expected one of HUP, USR1, USR2, TERM`],
    ['{ signal: SIGHUP, pid_file: /run/a.pid }', `6:23: ${at}.signal: expected one of HUP, USR1, USR2, TERM`],
    [
      '{ signal: HUP }',
      `6:13: ${at}: give either \`pid_file\` or \`unit\`, the process that gets the signal`,
    ],
    [
      '{ signal: HUP, pid_file: /run/a.pid, unit: a.service }',
      `6:13: ${at}: give either \`pid_file\` or \`unit\`, the process that gets the signal`,
    ],
    [
      '{ signal: HUP, unit: vector }',
      `6:34: ${at}.unit: expected the name of a systemd service such as fluent-bit.service`,
    ],
    [
      '{ signal: HUP, unit: -p.service }',
      `6:34: ${at}.unit: expected the name of a systemd service such as fluent-bit.service`,
    ],
    [
      '{ signal: HUP, pid_file: /run/a.pid, process: /usr/bin/vector }',
      `6:59: ${at}.process: expected the name of a program such as vector, as \`ps -o comm\` shows it`,
    ],
    [
      '{ http: {} }',
      `6:15: ${at}.http.url: is missing; for example url: http://127.0.0.1:2020/api/v2/reload`,
    ],
    [
      '{ http: { url: http://shipper.example.com/reload } }',
      `6:28: ${at}.http.url: http:// would send the request in clear text and is allowed for loopback hosts only; use https://`,
    ],
    [
      '{ http: { url: "https://me:pw@a.example.com/" } }',
      `6:28: ${at}.http.url: must not carry a user name or password; a hook brings no credentials`,
    ],
    [
      '{ http: { url: "http://127.0.0.1/", tls: { ca_file: ca.pem } } }',
      `6:21: ${at}.http: \`tls\` has no effect on an http:// url; remove it or use https://`,
    ],
    [
      '{ exec: [systemctl, reload, vector] }',
      `6:21: ${at}.exec: begins with the absolute path of a program; no shell is there to look for it`,
    ],
    ['{ exec: [/bin/true], timeout: 0s }', `6:43: ${at}.timeout: must be 1s to 5m`],
    ['{ exec: [/bin/true], timout: 1s }', `6:34: ${at}.timout: unknown key; did you mean "timeout"?`],
  ])('%s', (entry, problem) => {
    expect(problemsIn(withHook(entry))).toEqual([problem]);
  });
});
