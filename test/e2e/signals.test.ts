import { existsSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { eventually } from '../support/eventually.ts';
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

  it('ends at once at a second signal, whatever it waits for', async () => {
    await using site = await Installation.create();
    await site.provision();
    const daemon = site.run();
    await site.reaches({ state: 'active' });
    site.emulator.addFault({ kind: 'hang', endpoint: 'exchange', when: 'before-commit' });
    void site.cli(['refresh', site.agent]);
    await eventually(() => expect(site.exchanges).toBe(2), { withinMs: 20_000 });
    daemon.signal('SIGTERM');
    await daemon.logged('stopping');
    const from = performance.now();
    expect(await daemon.end('SIGTERM')).toMatchObject({ exitCode: 128 + 15 });
    // the exchange would have been waited for 15 s
    expect(performance.now() - from).toBeLessThan(5_000);
  });

  it('goes on at SIGHUP', async () => {
    await using site = await Installation.create();
    await site.provision();
    const daemon = site.run();
    await site.reaches({ state: 'active' });
    daemon.signal('SIGHUP');
    await daemon.logged('signal-ignored', { signal: 'SIGHUP' });
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
