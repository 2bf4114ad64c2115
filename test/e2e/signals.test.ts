import { existsSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { Installation } from '../support/installation.ts';

describe('a running daemon', () => {
  it.each(['SIGTERM', 'SIGINT'] as const)(
    'ends in good order at %s and takes its socket away',
    async (signal) => {
      await using site = await Installation.create();
      await site.provision();
      const daemon = site.run();
      await site.reaches({ state: 'active' });
      expect(await daemon.end(signal)).toMatchObject({ exitCode: 0, stderr: '' });
      expect(daemon.log.at(-1)).toMatchObject({ event: 'stopped' });
      expect(existsSync(site.socketPath)).toBe(false);
      // who reads the file goes on with the token that it has
      expect((await site.readTokenFile()).length).toBeGreaterThan(0);
      expect(await site.cli(['status'])).toMatchObject({ exitCode: 69 });
    },
  );

  it('goes on at SIGHUP', async () => {
    await using site = await Installation.create();
    await site.provision();
    const daemon = site.run();
    await site.reaches({ state: 'active' });
    daemon.signal('SIGHUP');
    await daemon.logged('config-unchanged', { cause: 'signal' });
    await site.reaches({ state: 'active' });
    expect(await daemon.end('SIGTERM')).toMatchObject({ exitCode: 0 });
  });

  it('goes on when nobody reads its log any more', async () => {
    await using site = await Installation.create();
    await site.provision();
    const daemon = site.run();
    await site.reaches({ state: 'active' });
    daemon.abandonLog();
    for (const generation of [2, 3]) {
      expect((await site.cli(['refresh', site.agent])).exitCode).toBe(0);
      await site.reaches({ state: 'active', secret: { generation } });
    }
    expect(await daemon.end('SIGTERM')).toMatchObject({ exitCode: 0 });
  });
});
