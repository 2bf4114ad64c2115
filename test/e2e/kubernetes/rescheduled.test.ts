import { describe, expect, it } from 'vitest';
import { eventually } from '../../support/eventually.ts';
import { KubernetesSite } from '../../support/kubernetes-site.ts';

/** A pod is killed and comes again elsewhere, without its volume: everything it needs is in the Secret. */

const active = { state: 'active' };

it('a pod in the place of another serves its token and exchanges nothing', async () => {
  await using cluster = await KubernetesSite.create();
  const { site } = cluster;
  await site.provision();
  site.run();
  await site.reaches({ state: 'active', secret: { generation: 1, store: 'kubernetes' } });
  const token = await site.token();
  await eventually(() => expect(cluster.keys()).toEqual(['current', 'key', 'record', 'session']));
  await site.daemons[0]?.end('SIGKILL');
  await cluster.loseVolume();
  cluster.lapse();
  site.run();
  await site.reaches(active);
  expect((await site.token()) === token).toBe(true);
  expect(site.exchanges).toBe(1);
  await site.cli(['refresh', site.agent]);
  await site.reaches({ state: 'active', secret: { generation: 2 }, token: { sequence: 2 } });
  expect(site.exchanges).toBe(2);
});

describe('a pod that is killed after an exchange, its volume gone', () => {
  // answer, secret, session, record; then the answer is removed
  it.each([1, 2, 3, 4, 5])('finishes it where %i writes had arrived', async (arrived) => {
    await using cluster = await KubernetesSite.create();
    const { site, server } = cluster;
    await site.provision();
    const daemon = site.run();
    await site.reaches({ state: 'active', secret: { generation: 1 } });
    await eventually(() => expect(cluster.keys()).not.toContainEqual(expect.stringMatching(/^raw-/)));
    let writes = 0;
    let cut = false;
    server.fault = ({ verb, place, dryRun }) => {
      if (cut) return 'cut';
      if (verb !== 'update' || place.resource !== 'secrets' || dryRun || site.exchanges < 2) return null;
      writes += 1;
      cut = writes > arrived;
      return cut ? 'cut' : null;
    };
    void site.cli(['refresh', site.agent]);
    await eventually(() => expect(writes).toBeGreaterThanOrEqual(arrived), { withinMs: 20_000 });
    if (arrived < 5) await eventually(() => expect(cut).toBe(true), { withinMs: 20_000 });
    await daemon.end('SIGKILL');
    server.fault = () => null;
    await cluster.loseVolume();
    cluster.lapse();
    site.run();
    await site.reaches({ state: 'active', secret: { generation: 2 }, token: { sequence: 2 } });
    expect(site.exchanges).toBe(2);
    expect(await site.cli(['refresh', site.agent])).toMatchObject({ exitCode: 0 });
    await eventually(() => expect(cluster.keys()).toEqual(['current', 'key', 'record', 'session']));
  });

  it('says that the secret was lost in flight where nothing had arrived', async () => {
    await using cluster = await KubernetesSite.create({ config: { agent: { exchange_deadline: '1s' } } });
    const { site, server } = cluster;
    await site.provision();
    site.emulator.setTokenLife(site.agent, { maxMs: 16_000 });
    const daemon = site.run();
    await site.reaches(active);
    server.fault = ({ verb }) => (verb === 'update' && site.exchanges === 2 ? 'cut' : null);
    void site.cli(['refresh', site.agent]);
    await eventually(() => expect(site.exchanges).toBe(2), { withinMs: 20_000 });
    await daemon.logged('answer-durable');
    await daemon.end('SIGKILL');
    server.fault = () => null;
    await cluster.loseVolume();
    cluster.lapse();
    site.run();
    // as long as the token serves, somebody might still bring the answer
    await site.reaches({ state: 'degraded', token: { status: 'valid' }, secret: { status: 'in_doubt' } });
    expect(site.exchanges).toBe(2);
    await site.reaches({ state: 'lost', secret: { generation: 1, status: 'lost' } });
  });

  it('and finishes it from its volume where that is still there', async () => {
    await using cluster = await KubernetesSite.create();
    const { site, server } = cluster;
    await site.provision();
    const daemon = site.run();
    await site.reaches(active);
    server.fault = ({ verb }) => (verb === 'update' && site.exchanges === 2 ? 'cut' : null);
    void site.cli(['refresh', site.agent]);
    await eventually(() => expect(daemon.events('answer-durable')).toHaveLength(2), { withinMs: 20_000 });
    await daemon.end('SIGKILL');
    server.fault = () => null;
    cluster.lapse();
    site.run();
    await site.reaches({ state: 'active', secret: { generation: 2 }, token: { sequence: 2 } });
    expect(site.exchanges).toBe(2);
  });
});
