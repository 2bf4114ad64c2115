import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { commands } from '../../../src/cli/commands.ts';
import { Stage } from './stage.ts';

let stage: Stage;

beforeAll(() => {
  stage = new Stage();
});

afterAll(() => stage[Symbol.dispose]());

describe('help', () => {
  it('lists every command, and the exit codes', async () => {
    const { code, stdout, stderr } = await stage.run(['--help']);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    for (const { name } of commands) expect(stdout).toMatch(new RegExp(`^  tokenward ${name}\\b`, 'm'));
    expect(stdout).toMatch(/Exit codes:\n {3}0 {2}done\n/);
    for (const exitCode of [1, 64, 69, 75, 77, 78])
      expect(stdout).toMatch(new RegExp(`^ +${exitCode} {2}`, 'm'));
  });

  it.each(commands.map(({ name }) => name))('%s has a page with an example', async (name) => {
    const { code, stdout, stderr } = await stage.run([name, '--help']);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toMatch(new RegExp(`^tokenward ${name}( .*)? \\[options\\]\n\n[A-Z]`));
    expect(stdout).toMatch(new RegExp(`Examples:\n  tokenward ${name}\\b`));
    expect(stdout).toContain('Exit codes:');
    expect(Math.max(...stdout.split('\n').map((line) => line.length))).toBeLessThanOrEqual(100);
  });

  it('a page as a whole', async () => {
    const { stdout } = await stage.run(['refresh', '--help']);
    expect(stdout).toMatchInlineSnapshot(`
      "tokenward refresh <agent> [options]

      Makes the running daemon exchange the agent's secret for a new token now, and tells how it went.
      With --wait it also sits out what passes by itself: the limit of exchanges a minute, a server
      that asks for patience, an answer that was lost. Ctrl-C ends the wait; the daemon goes on.

      Options:
            --json  print JSON for programs                                     [boolean] [default: false]
            --wait  wait and ask again where it is only too early               [boolean] [default: false]

      Positionals:
        agent  name of the agent, as in the configuration                              [string] [required]

      Options of every command:
            --config   configuration file [default: $TOKENWARD_CONFIG, else /etc/tokenward/config.yaml]
                                                                                                  [string]
        -h, --help     print this help                                                           [boolean]
            --version  print the version                                                         [boolean]

      Examples:
        tokenward refresh web-01         exchange now; exit code 75 where it is too early
        tokenward refresh web-01 --wait  exchange as soon as it may be

      Exit codes:
         0  done
         1  a bug in tokenward
        64  the command line or the input is wrong
        69  the server or the daemon cannot be reached
        75  not now; try again later
        77  the server or the daemon refused
        78  the configuration or the state needs a person
      "
    `);
  });

  it.each([[['--version']], [['status', '--version']]])('%j prints the version', async (args) => {
    const { code, stdout } = await stage.run(args);
    expect(code).toBe(0);
    expect(stdout).toBe('source\n');
  });
});

describe('wrong usage', () => {
  const commandNames = commands.map(({ name }) => name).join(', ');
  const mistakes: readonly [args: readonly string[], told: string][] = [
    [[], `name a command: ${commandNames}; see \`tokenward --help\``],
    [['chek'], 'unknown command; did you mean `tokenward check`?; see `tokenward --help`'],
    [['xyzzy'], `unknown command; there are ${commandNames}; see \`tokenward --help\``],
    [['--confg', 'x'], 'unknown option --confg; did you mean --config?; see `tokenward --help`'],
    [['--config', 'x'], `name a command: ${commandNames}; see \`tokenward --help\``],
    [['check', '--jsno'], 'unknown option --jsno; did you mean --json?; see `tokenward check --help`'],
    [
      ['check', 'extra'],
      'check takes no arguments; another configuration is named with --config FILE; see `tokenward check --help`',
    ],
    [
      ['run', 'extra'],
      'run takes no arguments, it runs all agents; another configuration is named with --config FILE; see `tokenward run --help`',
    ],
    [['start'], 'unknown command; did you mean `tokenward run`?; see `tokenward --help`'],
    [['toString'], `unknown command; there are ${commandNames}; see \`tokenward --help\``],
    [['run', '--confg', 'x'], 'unknown option --confg; did you mean --config?; see `tokenward run --help`'],
    [['run', '--config'], 'the option --config needs a value; see `tokenward run --help`'],
    [['token'], 'the name of the agent is missing; see `tokenward token --help`'],
    [['secrets'], 'the argument action (list, create, revoke) is missing; see `tokenward secrets --help`'],
    [
      ['status', 'web-01', 'web-02'],
      'status takes the name of one agent, or none for all; see `tokenward status --help`',
    ],
    [
      ['emulator', '--policy', 'lax'],
      'the option --policy takes one of "strict", "grace", "until-first-use", "reusable", "reuse-revokes-family"; see `tokenward emulator --help`',
    ],
  ];

  it.each(mistakes)('%j', async (args, told) => {
    const { code, stdout, stderr } = await stage.run(args);
    expect({ code, stdout, stderr }).toEqual({
      code: 64,
      stdout: '',
      stderr: `tokenward: ${told} (USAGE)\n`,
    });
  });

  it.each([
    [['import', 'web-01', 's3cret-text']],
    [['import', 'web-01', '--secret=s3cret-text']],
    [['import', '-ss3cret-text', 'web-01']],
    [['import', 's3cret-text']],
    [['enroll', 'web-01', 's3cret-text']],
  ])('%j does not repeat the secret', async (args) => {
    const { code, stdout, stderr } = await stage.run(args);
    expect(code).toBe(64);
    expect(stdout + stderr).not.toContain('s3cret');
  });

  it.each([[['import', 'web-01', 's3cret-text']], [['import', 'web-01', '--secret', 's3cret-text']]])(
    '%j says why a secret is no argument',
    async (args) => {
      const { stderr } = await stage.run(args);
      expect(stderr).toMatch(/every process .* give a fresh one on standard input/);
    },
  );
});

describe('an unexpected end', () => {
  it('shows a stack only where asked for', async () => {
    const calm = await stage.run(['status'], { env: { TOKENWARD_CONFIG: '/nowhere' } });
    expect(calm).toMatchObject({ code: 78, stdout: '' });
    expect(calm.stderr).toMatch(/^tokenward: no configuration at \/nowhere; .* \(CONFIG_NOT_FOUND\)\n$/);
    const debug = await stage.run(['status'], {
      env: { TOKENWARD_CONFIG: '/nowhere', TOKENWARD_DEBUG: '1' },
    });
    expect(debug.stderr).toContain('\n    at ');
  });

  it('tells all problems of a configuration, one a line', async () => {
    const file = stage.write('broken.yaml', 'agnts: {}\nlisteners: 3\n');
    const { code, stderr } = await stage.run(['status', '--config', file]);
    expect(code).toBe(78);
    for (const line of stderr.trimEnd().split('\n')) {
      expect(line).toMatch(/^tokenward: .*broken\.yaml:\d+:\d+: .* \(CONFIG_INVALID\)$/);
    }
  });
});
