import { expect, it } from 'vitest';
import { eventually } from '../../support/eventually.ts';
import { KubernetesSite } from '../../support/kubernetes-site.ts';

/** Two pods with one secret: one holds it, the other stands by. */

async function twoPods() {
  const cluster = await KubernetesSite.create();
  await cluster.site.provision();
  const holder = cluster.site.run();
  await cluster.site.reaches({ state: 'active' });
  const other = await cluster.otherPod('other');
  const standby = other.run();
  await standby.logged('standby');
  return {
    cluster,
    site: cluster.site,
    holder,
    other,
    standby,
    [Symbol.asyncDispose]: () => cluster[Symbol.asyncDispose](),
  };
}

it('the other takes over at once from a pod that is stopped', async () => {
  await using pods = await twoPods();
  const token = await pods.site.token();
  await pods.holder.end('SIGTERM');
  await eventually(
    async () => expect(await pods.other.client.status(pods.site.agent)).toMatchObject({ state: 'active' }),
    { withinMs: 15_000 },
  );
  expect((await pods.other.client.token(pods.site.agent)).token.reveal() === token).toBe(true);
  expect(pods.site.exchanges).toBe(1);
});

it('and from a pod that is killed, when its lease is over', async () => {
  await using pods = await twoPods();
  const token = await pods.site.token();
  await pods.holder.end('SIGKILL');
  const killedAt = performance.now();
  await eventually(
    async () => expect(await pods.other.client.status(pods.site.agent)).toMatchObject({ state: 'active' }),
    { withinMs: 70_000, everyMs: 200 },
  );
  // the lease was renewed within ten seconds before
  expect(performance.now() - killedAt).toBeGreaterThan(34_000);
  expect((await pods.other.client.token(pods.site.agent)).token.reveal() === token).toBe(true);
  expect(pods.site.exchanges).toBe(1);
});
