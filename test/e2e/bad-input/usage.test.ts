import { describe, expect, inject, it } from 'vitest';
import { runProgram, type Ran } from '../../support/run-program.ts';
import { expectTold } from './told.ts';

const everyCommand = ['run', 'check', 'enroll', 'import', 'status', 'token', 'refresh', 'emulator', 'demo'];
const secret = 'Zm9yLXRoZS1leWVzLW9mLXRoZS1zZXJ2ZXI';

function cli(...args: readonly string[]): Promise<Ran> {
  return runProgram(process.execPath, [inject('program'), ...args]);
}

describe('help', () => {
  it.each(everyCommand)('%s --help', async (command) => {
    const { exitCode, stdout, stderr } = await cli(command, '--help');
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' });
    expect(stdout).toContain(`tokenward ${command}`);
    expect(stdout).toContain('Examples:');
  });

  it('--help names every command', async () => {
    const { exitCode, stdout } = await cli('--help');
    expect(exitCode).toBe(0);
    for (const command of everyCommand) expect(stdout).toContain(`tokenward ${command} `);
  });

  it('--version', async () => {
    const { exitCode, stdout, stderr } = await cli('--version');
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' });
    expect(stdout).toMatch(/^\d+\.\d+\.\d+\n$/);
  });
});

describe('a call that cannot be understood', () => {
  it.each<[args: string[], says: string[]]>([
    [[], ['name a command: run, check', 'tokenward --help']],
    [['frobnicate'], ['unknown command; there are run, check', 'tokenward --help']],
    [['statsu'], ['did you mean `tokenward status`?']],
    [['--verson'], ['unknown option --verson; did you mean --version?']],
    [
      ['status', '--jsn'],
      ['did you mean --json?', 'tokenward status --help'],
    ],
    [
      ['run', '--confg', 'x'],
      ['did you mean --config?', 'tokenward run --help'],
    ],
    [['run', '--config'], ['the option --config needs a value']],
    [['run', 'web-01'], ['run takes no arguments, it runs all agents']],
    [['import'], ['the name of the agent is missing', 'tokenward import --help']],
    [['enroll'], ['the name of the agent is missing']],
    [['token'], ['the name of the agent is missing']],
    [['refresh', '--wait'], ['the name of the agent is missing']],
    [['token', 'web-01', 'web-02'], ['token takes the name of one agent']],
    [['emulator', '--policy', 'lax'], ['--policy takes one of "strict"']],
  ])('%j', async (args, says) => {
    const ran = await cli(...args);
    expectTold(ran, { code: 'USAGE', exitCode: 64, says });
    expect(ran.stdout).toBe('');
  });

  it.each([
    [['import', 'web-01', secret]],
    [['import', 'web-01', `--secret=${secret}`]],
    [['import', 'web-01', '--secret', secret]],
    [['enroll', 'web-01', '--admin-token', secret]],
  ])('a secret as an argument is not taken and not repeated: %j', async (args) => {
    const ran = await cli(...args);
    expectTold(ran, { code: 'USAGE', exitCode: 64, says: [] });
    expect(ran.stdout + ran.stderr).not.toContain(secret);
  });

  it('says what to do about a secret that was an argument', async () => {
    const says = ['every process can see', 'take it for known', 'give a fresh one on standard input'];
    expectTold(await cli('import', 'web-01', '--secret', secret), { code: 'USAGE', exitCode: 64, says });
  });
});
