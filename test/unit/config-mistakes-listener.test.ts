import { describe, expect, it } from 'vitest';
import { problemsIn, withAgent } from './config-problems.ts';

describe('a mistake in a listener', () => {
  const tcp = 'HOST:PORT such as 127.0.0.1:9464 or [::1]:9464';
  it.each([
    ['{}', '6:13: listeners[0]: a listener has either `unix: PATH` or `tcp: HOST:PORT`'],
    ['/run/x.sock', '6:13: listeners[0]: a listener has either `unix: PATH` or `tcp: HOST:PORT`'],
    [
      '{ unix: /x, tcp: 127.0.0.1:1 }',
      '6:13: listeners[0]: a listener has either `unix: PATH` or `tcp: HOST:PORT`',
    ],
    [
      `{ unix: /${'s'.repeat(107)} }`,
      '6:21: listeners[0].unix: the path of a socket is at most 107 bytes; choose a shorter folder',
    ],
    [
      `{ unix: /${'ß'.repeat(54)} }`,
      '6:21: listeners[0].unix: the path of a socket is at most 107 bytes; choose a shorter folder',
    ],
    [
      '{ unix: /x, serves: [health] }',
      '6:25: listeners[0].serves: unknown key; known here: unix, mode, owner, group, peer_check, limits, allow',
    ],
    [
      '{ unix: /x, peer_check: kernal }',
      '6:37: listeners[0].peer_check: expected one of kernel, none; did you mean "kernel"?',
    ],
    [
      '{ unix: /x, limits: { connections: -1 } }',
      '6:48: listeners[0].limits.connections: expected a whole number from 0 to 65536',
    ],
    [
      '{ unix: /x, limits: { rps: 5 } }',
      '6:35: listeners[0].limits.rps: unknown key; known here: connections, requests_per_second, header_deadline, idle_deadline',
    ],
    ['{ unix: /x, allow: { group: adm } }', '6:32: listeners[0].allow: expected a list, got a mapping'],
    [
      '{ unix: /x, allow: [{ group: adm }] }',
      '6:33: listeners[0].allow[0].may: is missing; for example may: [token, status]',
    ],
    ['{ unix: /x, allow: [{ may: [token] }] }', '6:33: listeners[0].allow[0]: give either `user` or `group`'],
    [
      '{ unix: /x, allow: [{ user: a, group: b, may: [token] }] }',
      '6:33: listeners[0].allow[0]: give either `user` or `group`',
    ],
    [
      '{ unix: /x, allow: [{ user: a, may: token }] }',
      '6:49: listeners[0].allow[0].may: expected a list such as [token, status], got text',
    ],
    [
      '{ unix: /x, allow: [{ user: a, may: [] }] }',
      '6:49: listeners[0].allow[0].may: is empty; expected a list such as [token, status]',
    ],
    [
      '{ unix: /x, allow: [{ user: a, may: [token, write] }] }',
      '6:57: listeners[0].allow[0].may[1]: expected one of token, status, admin',
    ],
    [
      '{ unix: /x, allow: [{ user: a, may: [token], agents: [Web] }] }',
      '6:67: listeners[0].allow[0].agents[0]: expected the name of an agent, in which * stands for any characters, such as web-*',
    ],
    [
      '{ unix: /x, allow: [{ user: a, may: [token], agents: [] }] }',
      '6:66: listeners[0].allow[0].agents: is empty; expected a list such as [web-*]',
    ],
    [
      '{ unix: /x, allow: [{ user: a, may: [token], agents: ["*", app-*] }] }',
      '6:72: listeners[0].allow[0].agents[1]: means none of the agents; they are web-01',
    ],
    [
      '{ unix: /x, allow: [{ user: a, may: [token], agents: [web-1] }] }',
      '6:67: listeners[0].allow[0].agents[0]: there is no such agent; did you mean "web-01"?',
    ],
    [
      '{ unix: /x, allow: [{ user: a, may: [token], agents: [nowhere-at-all] }] }',
      '6:67: listeners[0].allow[0].agents[0]: there is no such agent; they are web-01',
    ],
    [
      '{ tcp: 127.0.0.1:9464 }',
      '6:13: listeners[0].serves: is missing; for example serves: [health, metrics]',
    ],
    ['{ tcp: 9464, serves: [health] }', `6:20: listeners[0].tcp: expected ${tcp}, got a number`],
    [
      '{ tcp: ":9464", serves: [health] }',
      `6:20: listeners[0].tcp: expected ${tcp}, with an IP address or localhost as host; to listen on all addresses write 0.0.0.0:9464`,
    ],
    [
      '{ tcp: "::1:9464", serves: [health] }',
      `6:20: listeners[0].tcp: expected ${tcp}, with an IP address or localhost as host`,
    ],
    [
      '{ tcp: "*:9464", serves: [health] }',
      `6:20: listeners[0].tcp: expected ${tcp}, with an IP address or localhost as host`,
    ],
    [
      '{ tcp: 127.0.0.1:65536, serves: [health] }',
      `6:20: listeners[0].tcp: expected ${tcp}, with an IP address or localhost as host`,
    ],
    [
      '{ tcp: 127.0.0.1:1, serves: [oauth] }',
      '6:41: listeners[0].serves: oauth needs clients, such as clients: { fluent-bit: { agent: web-01, secret_file: /etc/tokenward/fluent-bit.key } }',
    ],
    [
      '{ tcp: 127.0.0.1:1, serves: [token] }',
      '6:42: listeners[0].serves[0]: expected one of health, metrics, oauth',
    ],
    [
      '{ tcp: 127.0.0.1:1, serves: [health], clients: { a: { agent: web-01, secret_file: k } } }',
      '6:60: listeners[0].clients: are for oauth, which this listener does not serve; add oauth to serves, or remove them',
    ],
    [
      '{ tcp: 0.0.0.0:1, serves: [oauth], clients: { a: { agent: web-01, secret_file: k } } }',
      '6:20: listeners[0].tcp: oauth gives tokens, and is served on a loopback address only, such as 127.0.0.1:8471',
    ],
    [
      '{ tcp: 127.0.0.1:1, serves: [oauth], clients: { a: { agent: web-1, secret_file: k } } }',
      '6:73: listeners[0].clients.a.agent: there is no such agent; did you mean "web-01"?',
    ],
  ])('%s', (listener, problem) => {
    expect(problemsIn(`${withAgent({})}listeners: [${listener}]\n`)).toEqual([problem]);
  });
});
