import { describe, expect, it } from 'vitest';
import { problemsIn, withAgent } from './config-problems.ts';

describe('a mistake in a proxy', () => {
  const one = 'a proxy has either `listen: HOST:PORT` or `unix: PATH`';
  it.each([
    ['{ agent: web-01, client_key_file: k }', `proxies[0]: ${one}`],
    ['{ listen: 127.0.0.1:1, unix: /x, agent: web-01, client_key_file: k }', `proxies[0]: ${one}`],
    [
      '{ listen: 0.0.0.0:1, agent: web-01, client_key_file: k }',
      'proxies[0].listen: a proxy listens on a loopback address only, such as 127.0.0.1:8472: who reaches it sends in the name of the agent',
    ],
    [
      '{ listen: 127.0.0.1:1, agent: web-01 }',
      'proxies[0]: says nothing of who may use it; give client_key_file (openssl rand -base64 32 makes a key), or peer: { user: NAME }',
    ],
    [
      '{ listen: 127.0.0.1:1, agent: web-01, peer: { user: a }, group: adm }',
      'proxies[0].group: belongs to a socket (`unix`), and has no effect on a port; remove it',
    ],
    [
      '{ listen: 127.0.0.1:1, agent: web-1, client_key_file: k }',
      'proxies[0].agent: there is no such agent; did you mean "web-01"?',
    ],
    [
      '{ listen: 127.0.0.1:1, agent: web-01, client_key_file: k, paths: [events] }',
      'proxies[0].paths[0]: expected a path such as /api/v2/events, in which * stands for one segment',
    ],
    [
      '{ listen: 127.0.0.1:1, agent: web-01, client_key_file: k, paths: [/a/../b] }',
      'proxies[0].paths[0]: expected a path such as /api/v2/events, in which * stands for one segment',
    ],
    [
      '{ listen: 127.0.0.1:1, agent: web-01, client_key_file: k, max_body: 16 }',
      'proxies[0].max_body: expected a size with its unit, such as 512KiB or 16MiB, got a number',
    ],
    [
      '{ listen: 127.0.0.1:1, agent: web-01, client_key_file: k, max_body: 2GiB }',
      'proxies[0].max_body: must be 1KiB to 1GiB',
    ],
    [
      '{ listen: 127.0.0.1:1, agent: web-01, client_key_file: k, rejected: [400] }',
      'proxies[0].rejected[0]: expected 401, 403 or 440, got a number',
    ],
  ])('%s is told with its place', (proxy, problem) => {
    const problems = problemsIn(`${withAgent({})}proxies: [${proxy}]\n`);
    expect(problems.map((line) => line.replace(/^\d+:\d+: /, ''))).toEqual([problem]);
  });

  it('is an address that something else has', () => {
    const text = `${withAgent({})}
listeners: [{ tcp: 127.0.0.1:1, serves: [health] }, { unix: /x }]
proxies:
  - { listen: 127.0.0.1:1, agent: web-01, peer: { user: a } }
  - { unix: /x, agent: web-01, peer: { user: a } }
`;
    expect(problemsIn(text)).toEqual([
      expect.stringContaining('proxies[0].listen: already used by listeners[0].tcp'),
      expect.stringContaining('proxies[1].unix: already used by listeners[1].unix'),
    ]);
  });
});
