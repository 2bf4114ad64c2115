import { chmodSync, chownSync, mkdirSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { loadConfig } from '../../../src/config/load.ts';
import { temporaryFolder } from './folder.ts';

const folder = temporaryFolder();
afterAll(() => folder[Symbol.dispose]());

const uid = process.getuid?.() ?? 0;
const isRoot = uid === 0;
const text = `
agents:
  web-01:
    provider: vcf-logs
    url: \${URL}
    secret: { store: file, key_file: own.key }
`;
const load = (file: string) => loadConfig(file, { env: { URL: 'https://logs.example.com' }, uid });
const failure = (code: string, message: string | RegExp) =>
  expect.objectContaining({
    code,
    message: typeof message === 'string' ? message : (expect.stringMatching(message) as string),
  }) as Error;

describe('the configuration file', () => {
  it.each([0o600, 0o644, 0o400])('is read with mode %o, its paths taken from its folder', (mode) => {
    const config = load(folder.write('config.yaml', text, mode));
    expect(config.agents).toMatchObject([
      {
        url: 'https://logs.example.com',
        secret: { key: { kind: 'key-file', path: join(folder.path, 'own.key') } },
      },
    ]);
  });

  it('may begin with a byte order mark, and be a link', () => {
    const file = folder.write('marked.yaml', `\uFEFF${text}`);
    symlinkSync(file, join(folder.path, 'link.yaml'));
    expect(load(join(folder.path, 'link.yaml')).agents).toHaveLength(1);
  });

  it('is named in full in every problem', () => {
    const file = folder.write('wrong.yaml', text.replace('url', 'uri'));
    const told = `${file}:5:5: agents.web-01.uri: unknown key; did you mean "url"?`;
    expect(() => load(file)).toThrow(failure('CONFIG_INVALID', told));
  });

  it('is missing', () => {
    const file = join(folder.path, 'absent.yaml');
    const advice = `run: install -D -m 0644 config.example.yaml ${file}, and adapt it; or name another file with --config PATH or $TOKENWARD_CONFIG`;
    expect(() => load(file)).toThrow(failure('CONFIG_NOT_FOUND', `no configuration at ${file}; ${advice}`));
    expect(() => load(join(file, 'below'))).toThrow(failure('CONFIG_NOT_FOUND', /^no configuration at /));
  });

  it('is missing, where one of nearly that name is there', () => {
    const there = folder.write('agents.yaml', text);
    const file = join(folder.path, 'agents.yml');
    const message = `no configuration at ${file}; did you mean --config ${there}?`;
    expect(() => load(file)).toThrow(failure('CONFIG_NOT_FOUND', message));
  });

  it('is in the folder that was named instead', () => {
    const inside = join(folder.path, 'etc');
    mkdirSync(inside);
    const message = (file: string) => `${inside} is a folder; name the file itself: --config ${file}`;
    expect(() => load(inside)).toThrow(failure('CONFIG_INVALID', message('PATH')));
    const file = folder.write('etc/tokenward.yaml', text);
    expect(() => load(inside)).toThrow(failure('CONFIG_INVALID', message(file)));
  });

  it.each([
    ['a device', () => '/dev/null', /^\/dev\/null is no configuration file/],
    [
      'far too large',
      () => folder.write('large.yaml', '#'.repeat(4 * 1024 * 1024 + 1)),
      /is no configuration file/,
    ],
    [
      'not UTF-8',
      () => folder.write('latin1.yaml', Buffer.from('a: \xe4', 'latin1')),
      /^cannot read .*: it is not UTF-8 text$/,
    ],
  ])('is %s', (_case, file, message) => {
    expect(() => load(file())).toThrow(failure('CONFIG_INVALID', message));
  });

  it.skipIf(isRoot)('may not be read by this user', () => {
    expect(() => load(folder.write('locked.yaml', text, 0))).toThrow(
      failure(
        'CONFIG_INVALID',
        /^cannot read .*locked.yaml: permission denied; let the user that runs tokenward read it$/,
      ),
    );
  });
});

describe('a configuration that others may change is refused', () => {
  it.each([0o620, 0o602, 0o666])('mode %o', (mode) => {
    const file = folder.write('shared.yaml', text, mode);
    const shown = `0${mode.toString(8)}`;
    expect(() => load(file)).toThrow(
      failure(
        'CONFIG_UNSAFE',
        `${file} may be written by others than its owner (mode ${shown}); run: chmod go-w ${file}`,
      ),
    );
  });

  it.runIf(isRoot)('another owner, but not the user that runs tokenward', () => {
    const file = folder.write('foreign.yaml', text, 0o644);
    chownSync(file, 4711, 0);
    expect(() => load(file)).toThrow(
      failure(
        'CONFIG_UNSAFE',
        `${file} belongs to uid 4711, neither root nor the user that runs tokenward; run: chown root ${file}`,
      ),
    );
    expect(loadConfig(file, { env: { URL: 'https://a' }, uid: 4711 }).agents).toHaveLength(1);
  });

  it('a folder in which everybody may replace it, unless it is sticky', () => {
    const open = join(folder.path, 'open');
    mkdirSync(open);
    const file = folder.write('open/config.yaml', text);
    chmodSync(open, 0o777);
    expect(() => load(file)).toThrow(
      failure('CONFIG_UNSAFE', `everybody may replace files in ${open}; run: chmod o-w ${open}`),
    );
    chmodSync(open, 0o1777);
    expect(load(file).agents).toHaveLength(1);
  });
});
