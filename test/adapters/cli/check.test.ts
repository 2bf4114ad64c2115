import { describe, expect, it } from 'vitest';
import { Stage } from './stage.ts';

describe('check', () => {
  it('names what is in order', async () => {
    using stage = new Stage();
    const { code, stdout, stderr } = await stage.run(['check']);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toBe('ok  state_dir\nok  agents.web-01\nok  agents.web-02\nok  listeners[0]\n');
  });

  it('names what is not, with its code and what to do', async () => {
    using stage = new Stage({ store: '{ store: file, key_file: ./open.key }' });
    stage.write('open.key', `${Buffer.alloc(32).toString('base64')}\n`, 0o644);
    const { code, stdout, stderr } = await stage.run(['check']);
    expect(code).toBe(78);
    expect(stdout).toMatch(
      /^ok {5}state_dir\n.*\nok {5}listeners\[0\]\nerror {2}agents\.web-01\..*chmod 0600 .*\(KEY_FILE_UNUSABLE\)\n$/s,
    );
    expect(stderr).toBe(
      `tokenward: 1 error with ${stage.config}; mend what is named above and run \`tokenward check\` again (KEY_FILE_UNUSABLE)\n`,
    );
  });

  it('is content with a warning', async () => {
    using stage = new Stage({ listeners: '[{ unix: ./daemon.sock, allow: [] }]' });
    const { code, stdout } = await stage.run(['check']);
    expect(code).toBe(0);
    expect(stdout).toMatch(/^warning {2}listeners\[0\].*nobody is allowed/m);
  });

  it('tells a program', async () => {
    using stage = new Stage({ listeners: '[{ unix: ./missing/daemon.sock }]' });
    const { code, stdout } = await stage.run(['check', '--json']);
    expect(code).toBe(78);
    const { findings, ...rest } = JSON.parse(stdout) as { findings: object[] };
    expect(rest).toEqual({ ok: false, config: stage.config });
    expect(findings).toContainEqual(
      expect.objectContaining({ severity: 'error', code: 'SOCKET_UNUSABLE', path: 'listeners[0].unix' }),
    );
  });

  it.each([
    ['has mistakes', 'state_dir: 3\nagnts: {}\n', 'CONFIG_INVALID', 2],
    ['is no YAML', 'a: [\n', 'CONFIG_INVALID', 1],
    ['is missing', null, 'CONFIG_NOT_FOUND', 1],
  ])('has findings also where the file %s', async (_what, content, code, atLeast) => {
    using stage = new Stage();
    const file = content === null ? stage.path('missing.yaml') : stage.write('other.yaml', content);
    const ended = await stage.run(['check', '--json', '--config', file]);
    expect(ended.code).toBe(78);
    const { ok, findings } = JSON.parse(ended.stdout) as { ok: boolean; findings: { code: string }[] };
    expect(ok).toBe(false);
    expect(findings.length).toBeGreaterThanOrEqual(atLeast);
    expect(new Set(findings.map((finding) => finding.code))).toEqual(new Set([code]));
  });

  it('asks no server and makes nothing', async () => {
    using stage = new Stage();
    await stage.run(['check']);
    expect((await stage.shell('ls')).stdout).toBe('config.yaml\n');
  });
});
