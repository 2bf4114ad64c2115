import { chmod, chown, mkdir, rm, writeFile } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ConfigOverrides, Installation } from '../../support/installation.ts';
import { describeRoot, strangers } from '../../support/root.ts';
import { Kept } from './kept.ts';
import { expectFound, expectTold, type Told } from './told.ts';

let kept: Kept;
let site: Installation;

beforeAll(async () => {
  kept = await Kept.create();
  ({ site } = kept);
});

afterAll(() => kept[Symbol.asyncDispose]());

/** `check` finds it, `run` does not start, and neither has touched anything or asked the server. */
async function expectRefused({ code, says }: Pick<Told, 'code' | 'says'>): Promise<void> {
  expectFound(await site.cli(['check']), { code, says });
  expectTold(await site.cli(['run']), { code, exitCode: 78, says });
  await kept.unharmed();
}

describe('a value or key that is wrong', () => {
  it.each<[what: string, overrides: ConfigOverrides, says: string[]]>([
    ['a ttl below the limit', { agent: { ttl: '59s' } }, ['agents.web-01.ttl: must be 1m to 180d']],
    ['a ttl above the limit', { agent: { ttl: '181d' } }, ['agents.web-01.ttl: must be 1m to 180d']],
    ['a ttl without a unit', { agent: { ttl: 1800 } }, ['a duration with its unit, such as', 'got a number']],
    ['an unknown key', { agent: { in_dout: 'halt' } }, ['in_dout: unknown key; did you mean "in_doubt"?']],
    ['an unknown key at the top', { top: { listener: [] } }, ['did you mean "listeners"?']],
    ['a secret', { agent: { token: 'abc' } }, ['secrets are never written in the configuration']],
    ['clear text', { agent: { url: 'http://logs.example.com', tls: {} } }, ['use https://']],
    [
      'a socket path that the kernel cannot hold',
      { socket: { unix: `/tmp/${'s'.repeat(103)}` } },
      ['listeners[0].unix: the path of a socket is at most 107 bytes', 'choose a shorter folder'],
    ],
  ])('%s', async (_what, overrides, says) => {
    await site.configure(overrides);
    await expectRefused({ code: 'CONFIG_INVALID', says: ['config.yaml:', ...says] });
  });

  it('several at once, each in its place', async () => {
    await site.configure({ agent: { ulr: 'x', ttl: '1s' }, top: { stat_dir: 'x' } });
    const { stderr, exitCode } = await site.cli(['run']);
    expect(exitCode).toBe(78);
    const lines = stderr.trimEnd().split('\n');
    expect(lines.map((line) => /\d+:\d+: (\S+):/.exec(line)?.[1])).toEqual([
      'agents.web-01.ttl',
      'agents.web-01.ulr',
      'stat_dir',
    ]);
  });
});

describe('text that is no configuration', () => {
  it.each([
    ['nothing', '', ['1:1', 'the file is empty; start from config.example.yaml']],
    ['prose', 'hello world\n', ['1:1', 'expected a mapping (key: value), got text']],
    ['a tab', 'agents:\n\tweb-01: {}\n', ['2:1', 'a tab does not indent in YAML; use spaces']],
    ['an open bracket', 'agents: [\nlog: {}\n', ['2:1', 'the [ before this is not closed by ]']],
    ['a key twice', 'log: {}\nlog: {}\n', ['2:1', 'stands here for the second time']],
    ['bytes', '\u0000\u0001', ['1:1']],
  ])('%s', async (_what, text, [place = '', ...says]) => {
    await writeFile(site.configFile, text);
    await expectRefused({ code: 'CONFIG_INVALID', says: [`config.yaml:${place}: `, ...says] });
  });
});

describe('a file that others may change, or that is not there', () => {
  it.each([
    ['everybody may write it', 0o646, 'may be written by others than its owner (mode 0646)'],
    ['its group may write it', 0o660, 'may be written by others than its owner (mode 0660)'],
  ])('%s', async (_what, mode, words) => {
    await site.configure();
    await chmod(site.configFile, mode);
    await expectRefused({ code: 'CONFIG_UNSAFE', says: [words, `run: chmod go-w ${site.configFile}`] });
    await chmod(site.configFile, 0o600);
  });

  it('everybody may replace it', async () => {
    await chmod(site.folder, 0o707);
    await expectRefused({ code: 'CONFIG_UNSAFE', says: ['replace files', `run: chmod o-w ${site.folder}`] });
    await chmod(site.folder, 0o700);
  });

  it('a folder is there', async () => {
    await rm(site.configFile);
    await mkdir(site.configFile);
    await expectRefused({
      code: 'CONFIG_INVALID',
      says: ['is a folder', 'name the file itself: --config PATH'],
    });
    await rm(site.configFile, { recursive: true });
  });

  it('nothing is there', async () => {
    const says = [
      'config.yaml',
      'run: install -D -m 0644 config.example.yaml',
      '--config PATH or $TOKENWARD_CONFIG',
    ];
    await expectRefused({ code: 'CONFIG_NOT_FOUND', says });
    for (const args of [['status'], ['import', 'web-01']])
      expectTold(await site.cli(args), { code: 'CONFIG_NOT_FOUND', exitCode: 78, says });
  });
});

describeRoot('a file of another user', () => {
  it('is refused', async () => {
    await site.configure();
    await chown(site.configFile, strangers.alice, strangers.alice);
    const says = [`belongs to uid ${strangers.alice}`, 'run: chown root'];
    await expectRefused({ code: 'CONFIG_UNSAFE', says });
    await chown(site.configFile, 0, 0);
  });

  it('may not be read', async () => {
    await chmod(site.folder, 0o711);
    const ran = await site.cli(['run'], { uid: strangers.alice, gid: strangers.alice });
    const says = ['cannot read', `permission denied`, `let this user read it: chmod o+r ${site.configFile}`];
    expectTold(ran, { code: 'CONFIG_INVALID', exitCode: 78, says });
    await chmod(site.folder, 0o700);
  });
});

it('with the old configuration back all goes on as before', () => kept.goesOn());
