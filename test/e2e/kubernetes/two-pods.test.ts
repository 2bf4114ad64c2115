import { readFile } from 'node:fs/promises';
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
  await standby.logged('state-changed', { state: 'standby' });
  return {
    cluster,
    site: cluster.site,
    holder,
    other,
    standby,
    [Symbol.asyncDispose]: () => cluster[Symbol.asyncDispose](),
  };
}

it('the other serves what the holder has, also each newer token, and exchanges nothing', async () => {
  await using pods = await twoPods();
  const { cluster, site, other, holder } = pods;
  const served = async () => (await other.client.token(site.agent)).token.reveal();
  const both = async () => {
    const token = await site.token();
    await eventually(async () => expect((await served()) === token).toBe(true), { withinMs: 10_000 });
    const file = cluster.tokenFileOf('other');
    await eventually(async () => expect((await readFile(file, 'utf8')) === token).toBe(true));
    return token;
  };
  const first = await both();
  expect((await site.cli(['refresh', site.agent])).exitCode).toBe(0);
  expect((await both()) === first, 'another token').toBe(false);
  expect(site.exchanges).toBe(2);
  expect(await other.client.status(site.agent)).toMatchObject({
    state: 'standby',
    token: { status: 'valid', sequence: 2 },
    secret: { status: 'held', generation: 2 },
    alerts: [],
  });
  const refused = await other.cli(['refresh', site.agent]);
  expect(refused).toMatchObject({ exitCode: 75, stderr: expect.stringContaining('AGENT_HELD') as string });
  await holder.end('SIGKILL');
  expect(await served(), 'also without the holder').toBeTruthy();
});

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
