import { expect, it } from 'vitest';
import { eventually } from '../../support/eventually.ts';
import { Installation } from '../../support/installation.ts';

it('a standby puts a reload off until it is the holder, and goes by the file of that moment', async () => {
  await using site = await Installation.create();
  await site.provision();
  const holder = site.run();
  await site.reaches({ state: 'active' });
  const standby = site.run();
  await standby.logged('standby', { holder_pid: holder.pid });
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

it('a standby goes on standing by where the holder gives up an agent that the file has no more', async () => {
  await using site = await Installation.create({ config: { agents: { 'web-00': {} } } });
  await site.provision();
  const holder = site.run();
  await site.reaches({ state: 'active' });
  const standby = site.run();
  await standby.logged('standby', { holder_pid: holder.pid });
  // the first by name is the one that decides who is the holder
  await site.configure();
  holder.signal('SIGHUP');
  await holder.logged('config-reloaded', { removed: ['web-00'] });
  await standby.logged('config-reloaded', { cause: 'takeover', removed: ['web-00'] });
  await eventually(() => expect(standby.events('standby')).toHaveLength(2), { withinMs: 20_000 });
  expect(standby.events('started')).toEqual([]);
  await holder.end('SIGKILL');
  await standby.started();
  await site.reaches({ state: 'active' });
  expect(site.exchanges).toBe(1);
});
