import { expect, it } from 'vitest';
import { eventually } from '../../support/eventually.ts';
import { KubernetesSite } from '../../support/kubernetes-site.ts';
import { matching } from '../../support/matching.ts';

/** What the API server may do to a daemon that has a token. */

async function running() {
  const cluster = await KubernetesSite.create();
  await cluster.site.provision();
  cluster.site.run();
  await cluster.site.reaches({ state: 'active' });
  return cluster;
}

it('a token is served while the API server is away, nothing is exchanged, and all goes on afterwards', async () => {
  await using cluster = await running();
  const { site, server } = cluster;
  const token = await site.token();
  server.partition();
  const refused = await site.cli(['refresh', site.agent]);
  expect(refused.exitCode).toBeGreaterThan(0);
  expect((await site.token()) === token).toBe(true);
  expect(site.exchanges).toBe(1);
  await site.reaches({ secret: { status: 'unreachable' }, token: { status: 'valid' } });
  server.heal();
  await site.reaches({ state: 'active' });
  await eventually(async () => expect((await site.cli(['refresh', site.agent])).exitCode).toBe(0), {
    withinMs: 30_000,
    everyMs: 500,
  });
  expect(site.exchanges).toBe(2);
});

it('a new token of the service account counts at once', async () => {
  await using cluster = await running();
  await cluster.rotateToken();
  expect(await cluster.site.cli(['refresh', cluster.site.agent])).toMatchObject({ exitCode: 0 });
  await cluster.site.reaches({ state: 'active', secret: { generation: 2 } });
});

it('a stranger’s labels stay, and are in nobody’s way', async () => {
  await using cluster = await running();
  const { site, server } = cluster;
  const edit = (place: typeof cluster.secret) =>
    server.cluster.edit(place, (object) => ({
      ...object,
      metadata: { ...object.metadata, labels: { team: 'logs' } },
    }));
  edit(cluster.secret);
  edit(cluster.lease);
  expect(await site.cli(['refresh', site.agent])).toMatchObject({ exitCode: 0 });
  for (const place of [cluster.secret, cluster.lease])
    expect(server.cluster.get(place).metadata?.labels).toEqual({ team: 'logs' });
});

it('what a Role lacks is named, and so is an object that is missing', async () => {
  await using cluster = await KubernetesSite.create();
  const { site, server } = cluster;
  const secret = site.emulator.createSecret('new');
  const attempt = () => site.cli(['import', site.agent], { stdin: secret });
  server.allows = ({ verb, place }) => verb !== 'update' || place.resource !== 'secrets';
  expect(await attempt()).toMatchObject({
    exitCode: 75,
    stderr: matching(
      /may not update the Secret logs\/web-01 .*verbs: \[get, update, watch\] \(STORE_UNAVAILABLE\)/,
    ),
  });
  server.allows = () => true;
  server.cluster.remove(cluster.lease);
  expect(await attempt()).toMatchObject({
    stderr: matching(/there is no Lease logs\/web-01 \(404\); make it/),
  });
  server.cluster.remove(cluster.secret);
  server.cluster.create(cluster.lease);
  expect(await attempt()).toMatchObject({ stderr: matching(/create secret generic web-01/) });
});
