import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { request, type IncomingMessage } from 'node:http';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { expect, it } from 'vitest';
import type { Daemon } from '../../support/daemon.ts';
import { openDescriptors } from '../../support/descriptors.ts';
import { eventually } from '../../support/eventually.ts';
import { Installation } from '../../support/installation.ts';
import { HeapWatch } from './heap.ts';
import { ManyClients } from './many-clients.ts';

const pollers = 2500;
const followers = 2500;
const rotations = 5;
const mebibyte = 1024 * 1024;

/**
 * 5 000 connections weigh 150 MiB and more while they stand, 30 KiB each. Of that, V8 keeps what it has learned (compiled
 * code, 1 000 parsers of requests for the next clients), and the C library what it cannot give back in whole pages.
 */
const keptBytes = 64 * mebibyte;
/** A second round finds all that made already: even a tenth of its 5 000 clients left over would show. */
const addedBytes = 12 * mebibyte;

async function residentBytes({ pid }: Daemon): Promise<number> {
  const [, kibibytes] = /^VmRSS:\s+(\d+) kB$/m.exec(await readFile(`/proc/${pid}/status`, 'utf8')) ?? [];
  return Number(kibibytes) * 1024;
}

/** How many the daemon counts as waiting, of both kinds. */
async function watchers({ socketPath }: Installation): Promise<readonly number[]> {
  const asked = request({ socketPath, path: '/metrics' }).end();
  const [answer] = (await once(asked, 'response')) as [IncomingMessage];
  const body = await text(answer);
  return ['wait', 'events'].map((kind) =>
    Number(new RegExp(`^tokenward_watchers\\{kind="${kind}"\\} (\\d+)$`, 'm').exec(body)?.[1]),
  );
}

/** Everybody comes, sees all rotations, and goes. Resolves to what each of them was told. */
async function round(site: Installation, clients: ManyClients): Promise<Readonly<Record<string, number>>> {
  const patience = { withinMs: 20_000 };
  const everybodyWaits = () =>
    eventually(async () => expect(await watchers(site)).toEqual([pollers, followers]), patience);
  const path = `/v1/agents/${site.agent}`;
  await clients.open({ socketPath: site.socketPath, path, pollers, followers });
  await everybodyWaits();
  for (let left = rotations; left > 0; left -= 1) {
    const status = await site.client.refresh(site.agent);
    await clients.reach(status.token.sequence);
    await everybodyWaits();
  }
  const histories = await clients.close();
  await eventually(async () => expect(await watchers(site)).toEqual([0, 0]), patience);
  return histories;
}

it('5 000 watchers on one socket see each rotation once and in order, and nothing is left of them', async () => {
  await using site = await Installation.create();
  await site.provision();
  const heapWatch = await HeapWatch.in(join(site.folder, 'heap'));
  const daemon = site.run({ env: { ...site.env, NODE_OPTIONS: heapWatch.nodeOptions } });
  await site.reaches({ state: 'active', token: { sequence: 1 } });
  const before = { descriptors: await openDescriptors(daemon.pid), bytes: await residentBytes(daemon) };
  await using clients = new ManyClients();

  const resident: number[] = [];
  for (const expected of ['1,2,3,4,5,6', '6,7,8,9,10,11']) {
    expect(await round(site, clients)).toEqual({ [expected]: pollers + followers });
    // The daemon's watch on its token file begins a moment after its start.
    await eventually(async () =>
      expect(await openDescriptors(daemon.pid)).toBeLessThan(before.descriptors + 8),
    );
    await eventually(() => expect(daemon.events('memory-given-back')).toHaveLength(resident.length + 1), {
      withinMs: 20_000,
    });
    resident.push(await residentBytes(daemon));
  }

  const [first = Infinity, second = Infinity] = resident;
  expect(first - before.bytes).toBeLessThan(keptBytes);
  expect(second - first).toBeLessThan(addedBytes);
  const heap = await heapWatch.look(daemon);
  const kinds = ['EventStream', 'IncomingMessage', 'ServerResponse'];
  expect(kinds.map((kind) => heap.count(kind))).toEqual([0, 0, 0]);
  expect(daemon.events('connections-refused')).toEqual([]);
});
