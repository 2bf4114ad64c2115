import { writeFile } from 'node:fs/promises';
import { Agent, request } from 'node:http';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { eventually } from '../support/eventually.ts';
import { freePort } from '../support/free-port.ts';
import { Installation } from '../support/installation.ts';
import { describeRoot, strangers } from '../support/root.ts';
import { runProgram } from '../support/run-program.ts';

/** The injecting proxy of a real daemon in front of a real server: who the kernel says may send, a dead token, a reload. */

const { alice, bob } = strangers;
const key = 'the-key-of-this-proxy';
const batch = (text: string) => JSON.stringify({ events: [{ text }] });

/** The status that curl gets as this user. */
async function postAs(uid: number, port: number): Promise<number> {
  const curl = ['curl', '-sS', '-o', '/dev/null', '-w', '%{http_code}', '-d', batch(`of ${uid}`)];
  const become = [`--reuid=${uid}`, `--regid=${uid}`, '--clear-groups'];
  const { stdout } = await runProgram('setpriv', [
    ...become,
    ...curl,
    `http://127.0.0.1:${port}/api/v2/events`,
  ]);
  return Number(stdout);
}

/** Resolves to the status. */
function post(port: number, text: string, agent: Agent, shown: object = { 'x-tokenward-key': key }) {
  return new Promise<number>((resolve, reject) => {
    const headers = { ...shown, 'content-type': 'application/json' };
    const outgoing = request(
      { host: '127.0.0.1', port, method: 'POST', path: '/api/v2/events', headers, agent },
      (incoming) => incoming.resume().on('end', () => resolve(incoming.statusCode ?? 0)),
    );
    outgoing.on('error', reject).end(batch(text));
  });
}

async function siteWith(proxies: (site: Installation) => readonly object[]): Promise<Installation> {
  const site = await Installation.create();
  await writeFile(join(site.folder, 'proxy.key'), key, { mode: 0o600 });
  await site.configure({ top: { proxies: proxies(site) } });
  await site.provision();
  site.run();
  await site.reaches({ state: 'active' });
  return site;
}

describeRoot('a proxy on a port', () => {
  it('lets in the user that the kernel names as the owner of the connection, and nobody else without the key', async () => {
    const port = await freePort();
    await using site = await siteWith(() => [
      { listen: `127.0.0.1:${port}`, agent: 'web-01', peer: { user: alice } },
    ]);
    expect(await postAs(alice, port)).toBe(200);
    expect(await postAs(bob, port)).toBe(401);
    await site.daemons[0]!.logged('proxy-client-refused', { agent: 'web-01', uid: bob });
  });
});

it('a thousand requests at the death of a token are all taken, and cost one exchange', async () => {
  const port = await freePort();
  await using site = await siteWith(({ folder }) => [
    { listen: `127.0.0.1:${port}`, agent: 'web-01', client_key_file: join(folder, 'proxy.key') },
  ]);
  const agent = new Agent({ keepAlive: true });
  const before = site.exchanges;
  expect(await post(port, 'before', agent)).toBe(200);
  expect(site.emulator.revokeTokens({ name: 'web-01' })).toBeGreaterThan(0);
  const statuses = await Promise.all(
    Array.from({ length: 1_000 }, (_, index) => post(port, `line ${index}`, agent)),
  );
  agent.destroy();
  expect(new Set(statuses)).toEqual(new Set([200]));
  expect(site.exchanges).toBe(before + 1);
  expect(site.emulator.state().events).toMatchObject({ accepted: 1_001, distinct: 1_001 });
});

it('a reload brings a proxy, changes it, and takes it away', async () => {
  const port = await freePort();
  const proxy = (site: Installation, keys: object) => ({
    listen: `127.0.0.1:${port}`,
    agent: 'web-01',
    client_key_file: join(site.folder, 'proxy.key'),
    ...keys,
  });
  await using site = await siteWith(() => []);
  const reload = async (proxies: readonly object[]) => {
    const daemon = site.daemons[0]!;
    const lines = daemon.events('config-reloaded').length;
    await site.configure({ top: { proxies } });
    daemon.signal('SIGHUP');
    await eventually(() => expect(daemon.events('config-reloaded').length).toBeGreaterThan(lines), {
      withinMs: 20_000,
    });
  };
  const agent = new Agent({ keepAlive: false });
  await reload([proxy(site, {})]);
  expect(await post(port, 'a line', agent)).toBe(200);
  await reload([{ listen: `127.0.0.1:${port}`, agent: 'web-01', peer: { user: process.geteuid?.() } }]);
  expect(await post(port, 'a line', agent, {})).toBe(200);
  await reload([proxy(site, { paths: ['/elsewhere'] })]);
  expect(await post(port, 'a line', agent, {})).toBe(401);
  expect(await post(port, 'a line', agent)).toBe(404);
  await reload([]);
  await expect(post(port, 'a line', agent)).rejects.toThrow('ECONNREFUSED');
});
