import { chmod, readFile, stat, symlink, unlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { eventually } from '../support/eventually.ts';
import { Installation } from '../support/installation.ts';

/** What becomes of a token file that others lay hands on while the built daemon runs. */

const mishaps: readonly (readonly [string, (path: string) => Promise<void>])[] = [
  ['deleted', unlink],
  ['emptied', (path) => writeFile(path, '')],
  ['written to', (path) => writeFile(path, 'something else')],
  ['made readable for all', (path) => chmod(path, 0o644)],
  [
    'replaced by a link',
    async (path) => {
      await unlink(path);
      await symlink('/etc/hostname', path);
    },
  ],
];

describe('a token file that is', () => {
  it.each(mishaps)('%s is restored within two seconds, and that is told', async (_, mishap) => {
    await using site = await Installation.create();
    await site.provision();
    const daemon = site.run();
    await site.reaches({ state: 'active' });
    const token = await site.token();
    await site.tokenFileHolds(token);

    const from = performance.now();
    await mishap(site.tokenFile);
    await eventually(
      async () => {
        const { mode } = await stat(site.tokenFile);
        const text = await readFile(site.tokenFile, 'utf8');
        expect({ isToken: text === token, mode: mode & 0o777 }).toEqual({ isToken: true, mode: 0o600 });
      },
      { withinMs: 20_000 },
    );
    expect(performance.now() - from).toBeLessThan(2_000);
    const { summary } = await daemon.logged('alert-firing', { code: 'FILE_TAMPERED' });
    expect(summary).toContain(site.tokenFile);
    expect(site.exchanges).toBe(1);
  });

  it('missing at a start is written anew, and no leftover of a crash stays', async () => {
    await using site = await Installation.create();
    await site.provision();
    const daemon = site.run();
    await site.reaches({ state: 'active' });
    await site.tokenFileHolds(await site.token());
    await daemon.end('SIGKILL');
    await unlink(site.tokenFile);

    site.run();
    await site.reaches({ state: 'active', alerts: [] });
    await site.tokenFileHolds(await site.token());
    expect((await readFile(join(site.folder, 'token'))).length).toBeGreaterThan(0);
  });

  it('of several formats is each as configured, and a saved configuration changes the format', async () => {
    await using site = await Installation.create();
    const header = join(site.folder, 'header');
    const json = join(site.folder, 'json');
    const files = (first: string) => ({
      agent: {
        files: [
          { path: header, format: first },
          { path: json, format: 'json' },
        ],
      },
    });
    await site.configure(files('header'));
    await site.provision();
    site.run();
    await site.reaches({ state: 'active' });
    const token = await site.token();
    await holds(header, `Authorization: Bearer ${token}\n`);
    const written: unknown = JSON.parse(await readFile(json, 'utf8'));
    const { access_token: text, expires_at: end, ...rest } = written as Record<string, string>;
    expect([text === token, rest]).toEqual([true, { token_type: 'Bearer', agent: 'web-01', sequence: 1 }]);
    const told = (await site.client.status(site.agent)).token.expires_at;
    expect(Math.abs(Date.parse(end ?? '') - Date.parse(told ?? ''))).toBeLessThanOrEqual(1000);

    await site.configure(files('env'));
    await holds(
      header,
      `TOKENWARD_TOKEN='${token}'
TOKENWARD_TOKEN_EXPIRES_AT='${end}'
TOKENWARD_TOKEN_EXPIRES_AT_UNIX='${Date.parse(end ?? '') / 1000}'
TOKENWARD_TOKEN_SEQUENCE='1'
`,
    );
    await site.reaches({ state: 'active', alerts: [] });
    expect(site.exchanges).toBe(1);
  });
});

async function holds(path: string, content: string): Promise<void> {
  await eventually(
    async () => {
      const found = await readFile(path, 'utf8');
      // a token stays out of what a test prints
      expect(found === content).toBe(true);
    },
    { withinMs: 20_000 },
  );
}
