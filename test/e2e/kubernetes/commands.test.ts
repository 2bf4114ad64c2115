import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { eventually } from '../../support/eventually.ts';
import { KubernetesSite } from '../../support/kubernetes-site.ts';
import { matching } from '../../support/matching.ts';

/** The commands, with and without a daemon, where the secret is in a Kubernetes Secret. */

/** What `doctor` says of the store. */
async function storeLine({ site }: KubernetesSite): Promise<object | undefined> {
  const { stdout } = await site.cli(['doctor', '--json']);
  const { lines } = JSON.parse(stdout) as { lines: { id: string }[] };
  return lines.find(({ id }) => id === 'secret-store');
}

it('import, and nothing else, needs no daemon; it takes the Lease and gives it back', async () => {
  await using cluster = await KubernetesSite.create();
  const { site, server } = cluster;
  expect(await storeLine(cluster)).toMatchObject({
    status: 'warning',
    detail: matching('has no secret yet'),
  });
  await site.provision();
  expect(cluster.keys()).toEqual(['candidate', 'key', 'record']);
  expect(server.cluster.get(cluster.lease).spec).not.toHaveProperty('holderIdentity');
  expect(await storeLine(cluster)).toMatchObject({ status: 'ok', detail: matching('opens: candidate') });
  const { stdout } = await site.cli(['status', site.agent]);
  expect(stdout).toMatch(/its records are in the Kubernetes Secret web-01, and no server is asked/);
  expect(await site.cli(['check'])).toMatchObject({ exitCode: 0 });
});

it('a command beside a pod that has the Lease says so, and changes nothing', async () => {
  await using cluster = await KubernetesSite.create();
  const { site } = cluster;
  await site.provision();
  site.run();
  await site.reaches({ state: 'active' });
  await eventually(() => expect(cluster.keys()).toEqual(['current', 'key', 'record', 'session']));
  const other = await cluster.otherPod('other');
  const before = cluster.server.cluster.get(cluster.secret).data;
  const ran = await other.cli(['import', site.agent], site.emulator.createSecret('late'));
  expect(ran).toMatchObject({ exitCode: 75, stderr: matching('AGENT_HELD') });
  expect(cluster.server.cluster.get(cluster.secret).data).toEqual(before);
  expect(await storeLine(cluster)).toMatchObject({ status: 'ok', detail: matching('opens: secret') });
});

it('the wrapping key is replaced, with the daemon and without', async () => {
  await using cluster = await KubernetesSite.create();
  const { site, server } = cluster;
  await site.provision();
  const daemon = site.run();
  await site.reaches({ state: 'active' });
  await eventually(() => expect(cluster.keys()).toEqual(['current', 'key', 'record', 'session']));
  const keyOf = () => server.cluster.get(cluster.secret).data?.['key'];
  const first = keyOf();
  expect(await site.cli(['rekey', site.agent])).toMatchObject({ exitCode: 0 });
  const second = keyOf();
  expect(second).not.toBe(first);
  expect(await site.cli(['refresh', site.agent])).toMatchObject({ exitCode: 0 });
  await site.reaches({ state: 'active', secret: { generation: 2 } });
  await daemon.end();
  expect(await site.cli(['rekey', site.agent])).toMatchObject({ exitCode: 0 });
  expect(keyOf()).not.toBe(second);
  await cluster.loseVolume();
  site.run();
  await site.reaches({ state: 'active', secret: { generation: 2 } });
  expect(site.exchanges).toBe(2);
});

it('what nobody can open is set aside on the volume, and a new secret takes its place', async () => {
  await using cluster = await KubernetesSite.create();
  const { site, server } = cluster;
  await site.provision();
  const daemon = site.run();
  await site.reaches({ state: 'active' });
  await daemon.end();
  server.cluster.edit(cluster.secret, (object) => ({
    ...object,
    data: { ...object.data, key: Buffer.alloc(32, 1).toString('base64') },
  }));
  site.run();
  await site.reaches({ state: 'blocked', secret: { status: 'blocked' } });
  const recovered = await site.cli(['recover', site.agent, '--action', 'set-aside', '--yes', '--json']);
  expect(recovered, recovered.stderr).toMatchObject({ exitCode: 0 });
  const folder = join(site.stateDir, 'agents', site.agent);
  const aside = (await readdir(folder)).filter((name) => name.startsWith('set-aside-'));
  expect(await readdir(join(folder, aside[0] ?? ''))).toEqual(
    expect.arrayContaining(['current', 'record', 'session'].map((name) => `kubernetes-${name}.sealed`)),
  );
  await site.cli(['import', site.agent], { stdin: site.emulator.createSecret('next') });
  await site.reaches({ state: 'active' });
});

it('a Secret that was made anew is another one: a copy of its contents needs a person', async () => {
  await using cluster = await KubernetesSite.create();
  const { site, server } = cluster;
  await site.provision();
  const daemon = site.run();
  await site.reaches({ state: 'active' });
  await daemon.end();
  const { data } = server.cluster.get(cluster.secret);
  server.cluster.remove(cluster.secret);
  server.cluster.create(cluster.secret, data === undefined ? {} : { data });
  site.run();
  await site.reaches({ state: 'blocked', alerts: [{ code: 'STATE_CLONED' }] });
});

it('a process in no pod is told what is missing', async () => {
  await using cluster = await KubernetesSite.create();
  const { site } = cluster;
  await site.configure({ agent: { secret: { store: 'kubernetes', name: 'web-01', namespace: 'logs' } } });
  expect(await site.run().ended()).toMatchObject({ exitCode: 78 });
  expect(site.daemons[0]?.output).toMatch(/this process is in no pod .* secret\.api_server/);
});
