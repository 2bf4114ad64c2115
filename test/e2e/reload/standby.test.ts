import { expect, it } from 'vitest';
import { Installation } from '../../support/installation.ts';

it('a standby puts a reload off until it is the holder, and goes by the file of that moment', async () => {
  await using site = await Installation.create();
  await site.provision();
  const holder = site.run();
  await site.reaches({ state: 'active' });
  const standby = site.run();
  await standby.logged('standby', { holderPid: holder.pid });
  await site.configure({ agent: { ttl: '2m' }, agents: { 'web-02': {} } });
  standby.signal('SIGHUP');
  await standby.logged('config-reload-deferred', { cause: 'signal' });
  expect(standby.events('config-reloaded')).toEqual([]);
  await holder.end('SIGKILL');
  await standby.logged('config-reloaded', { added: ['web-02'], changed: ['web-01'] });
  await standby.started();
  await site.reaches({ state: 'unprovisioned' }, { agent: 'web-02' });
  await site.client.refresh('web-01');
  expect((await site.client.status('web-01')).token.expires_in).toBeLessThanOrEqual(120);
});
