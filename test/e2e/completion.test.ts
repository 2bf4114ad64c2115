import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, inject, it } from 'vitest';
import { commands } from '../../src/cli/commands.ts';
import { LineTerminal } from '../support/line-terminal.ts';
import { describePart } from '../support/parts.ts';
import { plainEnv, runProgram, type Ran } from '../support/run-program.ts';

/** What is typed after `tokenward `, the TAB key at its end, and the arguments that the program then gets. */
const typed: readonly (readonly [keys: string, args: readonly string[]])[] = [
  ['sta', ['status']],
  ['token d', ['token', 'db-02']],
  ['recover w', ['recover', 'web-01']],
  ['recover web-01 --act', ['recover', 'web-01', '--action']],
  ['recover web-01 --action fin', ['recover', 'web-01', '--action', 'finish-from-answer']],
  ['emulator --policy=unt', ['emulator', '--policy=until-first-use']],
  ['enroll web-01 --admin-token-file ad', ['enroll', 'web-01', '--admin-token-file', 'admin.token']],
  ['emulator --tls-dir fo', ['emulator', '--tls-dir', 'folder/']],
  ['--config oth', ['--config', 'other.yaml']],
  ['--config other.yaml token o', ['--config', 'other.yaml', 'token', 'only-one']],
  ['token --config=other.yaml o', ['token', '--config=other.yaml', 'only-one']],
  ['token --config other.yaml o', ['token', '--config', 'other.yaml', 'only-one']],
  ['token --json d', ['token', '--json', 'db-02']],
  ['completion fi', ['completion', 'fish']],
  ['secrets rev', ['secrets', 'revoke']],
  ['secrets create a --into-agent d', ['secrets', 'create', 'a', '--into-agent', 'db-02']],
  ['credentials revoke a --type SCI', ['credentials', 'revoke', 'a', '--type', 'SCIM_API_TOKEN']],
];

function agent(name: string): string {
  return `  ${name}: { provider: vcf-logs, url: "http://127.0.0.1:9", secret: { store: memory } }\n`;
}

/** A folder with a program `tokenward` that prints what it was given, except for the names that completion asks for. */
class Desk implements Disposable {
  readonly folder = mkdtempSync(join(tmpdir(), 'tokenward-completion-'));
  readonly env = {
    PATH: `${this.path('bin')}:${plainEnv.PATH}`,
    HOME: this.folder,
    TERM: 'xterm',
    TOKENWARD_CONFIG: this.path('config.yaml'),
  };

  constructor() {
    this.write('config.yaml', `state_dir: ./state\nagents:\n${agent('web-01')}${agent('db-02')}`);
    this.write('other.yaml', `state_dir: ./state\nagents:\n${agent('only-one')}`);
    this.write('admin.token', '');
    for (const folder of ['folder', 'functions', 'bin']) mkdirSync(this.path(folder));
    const program = `#!/bin/sh
case "$1 $2" in 'completion agents') exec '${inject('node')}' '${inject('program')}' "$@" ;; esac
printf 'ran:'
printf '<%s>' "$@"
printf '.\\n'
`;
    chmodSync(this.write('bin/tokenward', program), 0o755);
  }

  path(name: string): string {
    return join(this.folder, name);
  }

  write(name: string, content: string): string {
    writeFileSync(this.path(name), content, { mode: 0o600 });
    return this.path(name);
  }

  /** Runs the true program. */
  tokenward(args: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<Ran> {
    const own = { ...this.env, ...env };
    return runProgram(inject('node'), [inject('program'), ...args], { cwd: this.folder, env: own });
  }

  async script(shell: string): Promise<string> {
    const { exitCode, stdout, stderr } = await this.tokenward(['completion', shell]);
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' });
    return this.write(`completion.${shell}`, stdout);
  }

  [Symbol.dispose](): void {
    rmSync(this.folder, { recursive: true, force: true, maxRetries: 5 });
  }
}

/** What the program prints. */
function ranWith(args: readonly string[]): string {
  return `ran:${args.map((arg) => `<${arg}>`).join('')}.`;
}

describePart(['bash-completion'], 'bash', () => {
  it.each([
    ['with the package bash-completion', 'source /usr/share/bash-completion/bash_completion; '],
    ['without it', ''],
  ])('%s completes what is typed', async (_how, prelude) => {
    using desk = new Desk();
    const script = await desk.script('bash');
    await using terminal = new LineTerminal('bash --norc -i', { cwd: desk.folder, env: desk.env });
    terminal.type(`${prelude}source ${script}; PS1='ready'; echo beg''un\n`);
    await terminal.shows('begun');
    for (const [keys, args] of typed) {
      terminal.type(`tokenward ${keys}\t\n`);
      await terminal.shows(ranWith(args));
    }
  });

  it('offers every option of every command, and every value that is known', async () => {
    using desk = new Desk();
    const script = await desk.script('bash');
    const offered = async (...words: readonly string[]): Promise<readonly string[]> => {
      const line = `source "$0"; COMP_WORDS=("$@"); COMP_CWORD=$((\${#COMP_WORDS[@]} - 1)); _tokenward; printf '%s\\n' "\${COMPREPLY[@]}"`;
      const { stdout } = await runProgram('bash', ['--norc', '-c', line, script, 'tokenward', ...words], {
        env: desk.env,
        cwd: desk.folder,
      });
      return stdout.trimEnd().split('\n');
    };
    expect(await offered('')).toEqual(commands.map(({ name }) => name));
    for (const { name, page } of commands) {
      const options = [...Object.keys(page.options), 'config', 'help', 'version'].map(
        (option) => `--${option}`,
      );
      expect((await offered(name, '--')).toSorted()).toEqual(options.toSorted());
    }
    expect(await offered('status', '')).toEqual(['web-01', 'db-02']);
    expect(await offered('status', 'web-01', '')).toEqual(['']);
    expect(await offered('emulator', '--policy', '=', '')).toContain('strict');
    expect(await offered('enroll', '--name', '')).toEqual(['']);
  });

  it('says nothing where the configuration cannot be read', async () => {
    using desk = new Desk();
    const script = await desk.script('bash');
    const line = `source "$0"; COMP_WORDS=(tokenward token ''); COMP_CWORD=2; _tokenward; echo "\${#COMPREPLY[@]}"`;
    const env = { ...desk.env, TOKENWARD_CONFIG: desk.path('missing.yaml') };
    expect(await runProgram('bash', ['--norc', '-c', line, script], { env })).toMatchObject({
      stdout: '0\n',
      stderr: '',
    });
  });
});

describePart(['zsh'], 'zsh', () => {
  it.each([
    ['sourced', (script: string) => `autoload -Uz compinit; compinit -u; source ${script}`],
    [
      'found in fpath',
      (script: string) =>
        `fpath=(functions $fpath); cp ${script} functions/_tokenward; autoload -Uz compinit; compinit -u`,
    ],
  ])('%s, completes what is typed, and tells what each word is', async (_how, load) => {
    using desk = new Desk();
    const script = await desk.script('zsh');
    await using terminal = new LineTerminal('zsh -f -i', { cwd: desk.folder, env: desk.env });
    terminal.type(`${load(script)}; PROMPT='ready'; unsetopt zle_bracketed_paste; echo beg''un\n`);
    await terminal.shows('begun');
    for (const [keys, args] of typed) {
      terminal.type(`tokenward ${keys}\t\n`);
      // It takes away a slash that it added itself.
      await terminal.shows(ranWith(args.map((arg) => arg.replace(/\/$/, ''))));
    }
    terminal.type('tokenward re\t\t');
    await terminal.shows(/refresh .*-- make the daemon exchange now/);
  });
});

describePart(['fish'], 'fish', () => {
  it('completes what is typed, and tells what each word is', async () => {
    using desk = new Desk();
    const script = await desk.script('fish');
    const ask = 'source $argv[1]; for line in $argv[2..-1]; echo "> $line"; complete -C "$line"; end';
    const lines = [...typed.map(([keys]) => keys), 're', 'status web-01 '].map((keys) => `tokenward ${keys}`);
    const { stdout, stderr } = await runProgram('fish', ['--no-config', '-c', ask, script, ...lines], {
      env: desk.env,
      cwd: desk.folder,
    });
    expect(stderr).toBe('');
    const answers = stdout.split(/^> .*\n/m).slice(1);
    const words = answers.map((answer) => answer.split('\n').map((line) => line.split('\t')[0]));
    for (const [index, [, args]] of typed.entries()) expect(words[index]).toEqual([args.at(-1), '']);
    expect(answers.at(-2)).toContain('refresh\tmake the daemon exchange now\n');
    expect(answers.at(-1)).toBe('');
  });
});

describe('tokenward completion', () => {
  it('is for the shell of the user', async () => {
    using desk = new Desk();
    for (const path of ['/bin/zsh', '/usr/bin/fish', '/opt/bash']) {
      const { stdout } = await desk.tokenward(['completion'], { SHELL: path });
      expect(stdout).toContain(`made by: tokenward completion ${path.split('/').at(-1)}`);
    }
  });

  it.each([
    [['completion'], 'name a shell, since $SHELL is none of them: bash, zsh, fish'],
    [['completion', 'tcsh'], 'the argument shell takes one of "bash", "zsh", "fish", "agents"'],
  ])('%j names the shells that there are', async (args, told) => {
    using desk = new Desk();
    const { exitCode, stderr } = await desk.tokenward(args, { SHELL: '/bin/dash' });
    expect(exitCode).toBe(64);
    expect(stderr).toContain(told);
  });

  it('gives the names of the agents, of whatever configuration', async () => {
    using desk = new Desk();
    expect((await desk.tokenward(['completion', 'agents'])).stdout).toBe('web-01\ndb-02\n');
    expect((await desk.tokenward(['completion', 'agents', '--config', 'other.yaml'])).stdout).toBe(
      'only-one\n',
    );
  });
});
