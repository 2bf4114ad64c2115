import { describe, expect, it } from 'vitest';
import { advice, problemsIn, withAgent } from './config-problems.ts';

const mapping = 'a mapping of names to agents, such as web-01: { provider: vcf-logs, ... }';

describe('a mistake at the top', () => {
  it.each([
    ['', '1:1: agents: is missing'],
    ['agents:', `1:8: agents: is empty; expected ${mapping}`],
    ['agents: {}', `1:9: agents: is empty; expected ${mapping}`],
    ['agents:\n  - name: web-01', `2:3: agents: expected ${mapping}, got a list`],
    ['agents: web-01', `1:9: agents: expected ${mapping}, got text`],
    ['agents:\n  web-01:', '2:10: agents.web-01: is empty; expected a mapping (key: value)'],
  ])('%j', (text, problem) => {
    expect(problemsIn(`log: {}\n${text}`.replace(/^log: \{\}\n(?=.)/, ''))).toEqual([problem]);
  });

  it.each([
    ['listners: []', '6:1: listners: unknown key; did you mean "listeners"?'],
    ['stateDir: /x', '6:1: stateDir: unknown key; did you mean "state_dir"?'],
    [
      'port: 80',
      '6:1: port: unknown key; known here: state_dir, shutdown_grace, allow_ephemeral, allow_network_filesystem, log, agents, listeners, proxies, alerts',
    ],
    ['password: hunter2', `6:1: password: unknown key; ${advice}`],
    [
      'web-02:\n  provider: vcf-logs',
      '6:1: web-02: an agent stands below `agents`; indent this line and those of the agent by two spaces more',
    ],
    ['log: debug', '6:6: log: expected a mapping (key: value), got text'],
    [
      'log: { level: warning }',
      '6:15: log.level: expected one of debug, info, warn, error; did you mean "warn"?',
    ],
    ['log: { level: loud }', '6:15: log.level: expected one of debug, info, warn, error'],
    ['log: { level: 3 }', '6:15: log.level: expected one of debug, info, warn, error, got a number'],
    ['allow_ephemeral: yes', '6:18: allow_ephemeral: expected true or false, got text'],
    ['allow_network_filesystem: 1', '6:27: allow_network_filesystem: expected true or false, got a number'],
    ['state_dir: ~/state', '6:12: state_dir: `~/` is not expanded here; write the whole path'],
    ['state_dir:', '6:11: state_dir: is empty; expected a path'],
    ['state_dir: ""', '6:12: state_dir: expected a path'],
    ['state_dir: 5', '6:12: state_dir: expected a path, got a number'],
    [
      'state_dir: ${HOME}/state',
      '6:12: state_dir: environment variable HOME is not set; set it where tokenward is started (Environment= in a systemd unit), or write the value itself here',
    ],
    [
      'shutdown_grace: 25',
      '6:17: shutdown_grace: expected a duration with its unit, such as 500ms, 30s or 1h30m, got a number',
    ],
    [
      'shutdown_grace: 25 s',
      '6:17: shutdown_grace: expected a duration with its unit, such as 500ms, 30s or 1h30m',
    ],
    ['shutdown_grace: 1h', '6:17: shutdown_grace: must be 2s to 10m'],
    [
      'shutdown_grace: 15s',
      '2:3: agents.web-01.exchange_deadline: 15s must be shorter than shutdown_grace, which is 15s',
    ],
    ['constructor: 1', '6:14: constructor: this name is reserved; choose another one'],
    ['__proto__: { agents: 1 }', '6:12: __proto__: this name is reserved; choose another one'],
    [
      '<<: { log: 1 }',
      '6:1: <<: unknown key; known here: state_dir, shutdown_grace, allow_ephemeral, allow_network_filesystem, log, agents, listeners, proxies, alerts',
    ],
    ['listeners: /run/x.sock', '6:12: listeners: expected a list, got text'],
  ])('%s', (line, problem) => {
    expect(problemsIn(`${withAgent({})}${line}\n`)).toEqual([problem]);
  });
});
