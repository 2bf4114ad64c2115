import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { eventually } from '../../support/eventually.ts';
import { ChannelSite, host, notice, patient, resolved } from './channel-site.ts';

let site: ChannelSite;

beforeEach(async () => {
  site = await ChannelSite.create();
});
afterEach(() => site[Symbol.asyncDispose]());

/** A channel that runs this script; `$1` is the folder of the site. */
async function script(text: string, env: NodeJS.ProcessEnv = { PATH: process.env['PATH'] }) {
  const program = await site.file('page-me', `#!/bin/sh\n${text}\n`, 0o700);
  return site.channel({ exec: [program, site.folder] }, env);
}

const written = (name: string) => readFile(join(site.folder, name), 'utf8');

describe('the exec channel', () => {
  it('gives the notice to the program as JSON on standard input', async () => {
    const channel = await script('cat >> "$1/notices"');
    await channel.deliver(notice(), patient);
    await channel.deliver(resolved({ superseded: true }), patient);
    await channel.deliver(resolved(), patient);
    const lines = (await written('notices')).trimEnd().split('\n');
    expect(lines.map((line) => JSON.parse(line) as unknown)).toMatchObject([
      { status: 'firing', id: 'web-01/SECRET_REVOKED/1', host, agent: 'web-01' },
      { status: 'resolved' },
    ]);
  });

  it('shows it no more of the environment than a program needs, and no shell reads its arguments', async () => {
    const env = { PATH: process.env['PATH'], LANG: 'C', SECRET: 'x', NODE_OPTIONS: '--no-warnings' };
    const program = await site.file(
      'show',
      '#!/bin/sh\nenv > "$1/env"; printf %s "$2" > "$1/argument"\n',
      0o700,
    );
    await site.channel({ exec: [program, site.folder, '$(id); *'] }, env).deliver(notice(), patient);
    const names = (await written('env'))
      .trimEnd()
      .split('\n')
      .map((line) => line.split('=')[0] ?? '');
    // what the shell itself adds
    const ours = names.filter((name) => !['PWD', 'SHLVL', '_', 'OLDPWD'].includes(name));
    expect(new Set(ours)).toEqual(new Set(['LANG', 'PATH']));
    expect(await written('argument')).toBe('$(id); *');
  });

  it.each([
    ['exit 3', 'ended with 3'],
    ['echo "no route to the pager" >&2; echo more >&2; exit 1', 'ended with 1: no route to the pager'],
    ['kill -TERM $$', 'was ended by SIGTERM'],
  ])('takes for not told what ends so: %s', async (text, message) => {
    const failure = await (await script(text)).deliver(notice(), patient).catch((error: unknown) => error);
    expect(failure).toMatchObject({ code: 'OUTPUT_FAILED' });
    expect(String(failure)).toMatch(new RegExp(`${message}$`));
  });

  it('need not read what it is told', async () => {
    const long = notice({ summary: 'x'.repeat(1_000_000) });
    await expect((await script('exit 0')).deliver(long, patient)).resolves.toBeUndefined();
  });

  it('says so where there is no such program', async () => {
    const channel = site.channel({ exec: [join(site.folder, 'none')] });
    await expect(channel.deliver(notice(), patient)).rejects.toMatchObject({
      code: 'OUTPUT_FAILED',
      message: expect.stringContaining('cannot be started (ENOENT)') as unknown,
    });
  });

  it('kills it with all that it has started when it takes too long', async () => {
    const channel = await script('sleep 600 & echo $! > "$1/child"; wait');
    expect(channel.deadlineMs).toBe(10_000);
    const impatience = new AbortController();
    const delivery = channel.deliver(notice(), impatience.signal);
    const child = await eventually(async () => {
      const pid = Number(await written('child'));
      expect(pid).toBeGreaterThan(0);
      return pid;
    });
    impatience.abort();
    await expect(delivery).rejects.toMatchObject({
      message: expect.stringContaining('took too long and was killed') as unknown,
    });
    await eventually(() => expect(() => process.kill(child, 0)).toThrow('ESRCH'));
  });
});
