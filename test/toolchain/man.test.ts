import { execFile } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { writeManPages } from '../../scripts/man.ts';
import { escape, line } from '../../scripts/man/roff.ts';
import { commands } from '../../src/cli/commands.ts';
import { exitCodeMeanings } from '../../src/cli/exit-code-help.ts';
import { describePart } from '../support/parts.ts';

const run = promisify(execFile);
const root = join(import.meta.dirname, '../..');

let folder: string;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'tokenward-man-'));
  await writeManPages(folder, '1.2.3');
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describePart(['mandoc', 'man-db'], 'the man pages', () => {
  it('are one for the program, one for each command and one for the configuration', () => {
    const expected = [
      'tokenward.1',
      'tokenward-config.5',
      ...commands.map(({ name }) => `tokenward-${name}.1`),
    ];
    expect(readdirSync(folder)).toEqual(expected.toSorted());
  });

  it('have nothing that mandoc or groff complains of', async () => {
    const pages = readdirSync(folder).map((name) => join(folder, name));
    expect(await run('mandoc', ['-T', 'lint', '-W', 'warning', ...pages])).toEqual({
      stdout: '',
      stderr: '',
    });
    for (const page of pages) expect((await man(page)).stderr).toBe('');
  });

  it('of the program names every command', async () => {
    const { stdout } = await man(join(folder, 'tokenward.1'));
    for (const { name, page } of commands) {
      expect(stdout).toContain(`tokenward-${name}(1)`);
      expect(stdout).toContain(page.summary);
    }
  });

  it('of the configuration is config.example.yaml', async () => {
    const { stdout } = await man(join(folder, 'tokenward-config.5'));
    const shown = stdout.split('\n').map((each) => each.trim());
    const example = readFileSync(join(root, 'config.example.yaml'), 'utf8').split('\n');
    expect(example.map((each) => each.trim()).filter((each) => !shown.includes(each))).toEqual([]);
  });

  it.each(commands.map((command) => [command.name, command] as const))(
    'of %s say all that --help says',
    async (name, { page }) => {
      const { stdout } = await man(join(folder, `tokenward-${name}.1`));
      const { stdout: help } = await run(process.execPath, [join(root, 'src/main.ts'), name, '--help']);
      const options = [...help.matchAll(/^ +(?:-\w, )?(--[a-z-]+)/gm)].map(([, option = '']) => option);
      expect(options).toEqual(expect.arrayContaining(['--help', '--version', '--config']));
      const words = stdout.replaceAll(/\s+/g, ' ');
      const wanted = [
        page.summary,
        ...options,
        ...page.description.replaceAll('`', '').split('\n'),
        ...page.examples.flat(),
        ...exitCodeMeanings.map(([code, meaning]) => `${code} ${meaning}`),
      ].map((each) => each.trim().replaceAll('`', '').replaceAll(/\s+/g, ' '));
      expect(wanted.filter((each) => !words.includes(each))).toEqual([]);
      for (const [code, meaning] of exitCodeMeanings)
        expect(help).toMatch(new RegExp(`^ +${code}  ${meaning}$`, 'm'));
    },
  );
});

/** As a reader sees it, on a wide terminal. */
function man(page: string): Promise<{ stdout: string; stderr: string }> {
  const env = { PATH: process.env['PATH'], MANWIDTH: '300', MAN_KEEP_FORMATTING: '', LC_ALL: 'C.UTF-8' };
  const args = ['--no-hyphenation', '--no-justification', '--warnings', '--pager=cat', '-l', page];
  return run('man', args, { env });
}

describe('text', () => {
  it.each([
    ['a-b', 'a\\-b'],
    ['C:\\new', 'C:\\enew'],
    [`'quoted'`, '\\(aqquoted\\(aq'],
    ['~/x ^ " x', '\\(ti/x \\(ha \\(dq x'],
    ['ü', '\\[u00FC]'],
  ])('%s is written as %s', (text, roff) => {
    expect(escape(text)).toBe(roff);
  });

  it('that begins like a request is none, and what is typed is bold', () => {
    expect(line('.SH is text')).toBe('\\&.SH is text');
    expect(line('run `tokenward run`')).toBe('run \\fBtokenward run\\fR');
  });
});
