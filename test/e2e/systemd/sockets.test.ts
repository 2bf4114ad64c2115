import { chmod, stat } from 'node:fs/promises';
import { Agent, request } from 'node:http';
import { describe, expect, it } from 'vitest';
import { eventually } from '../../support/eventually.ts';
import { freePort } from '../../support/free-port.ts';
import { Installation } from '../../support/installation.ts';
import { listeningSocket } from '../../support/raw-sockets.ts';
import { runService } from '../../support/systemd-site.ts';

/** The answer's status; rejects where there is none. */
function ask(socketPath: string, agent?: Agent): Promise<number> {
  return new Promise((resolve, reject) => {
    const options = { socketPath, path: '/v1/agents/web-01/token', ...(agent && { agent }) };
    request(options, (response) => {
      response.resume().once('end', () => resolve(response.statusCode ?? 0));
    })
      .once('error', reject)
      .end();
  });
}

describe('a socket that the service manager has opened', () => {
  it('is served, and neither removed nor closed at the end', async () => {
    await using site = await Installation.create();
    await site.provision();
    using socket = listeningSocket({ path: site.socketPath });
    await chmod(site.socketPath, 0o660);
    // before anybody accepts
    const early = ask(site.socketPath);
    const daemon = runService(site, { sockets: [socket] });
    await site.reaches({ state: 'active' });
    expect(await early).toBeLessThan(504);
    expect(daemon.log.filter(({ event }) => event.startsWith('passed-'))).toEqual([]);
    const { ino } = await stat(site.socketPath);
    expect(await daemon.end()).toMatchObject({ exitCode: 0 });
    expect((await stat(site.socketPath)).ino).toBe(ino);
    const waiting = ask(site.socketPath);
    runService(site, { sockets: [socket] });
    expect(await waiting).toBe(200);
  });

  it('lets no client down through restarts', { timeout: 120_000 }, async () => {
    await using site = await Installation.create();
    await site.provision();
    using socket = listeningSocket({ path: site.socketPath });
    let daemon = runService(site, { sockets: [socket] });
    await site.reaches({ state: 'active' });
    const kept = new Agent({ keepAlive: true });
    const fresh = new Agent({ keepAlive: false });
    const counts = { answered: 0, failures: [] as unknown[] };
    const over = new AbortController();
    const loop = async (agent = fresh) => {
      while (!over.signal.aborted) {
        try {
          expect(await ask(site.socketPath, agent)).toBe(200);
          counts.answered += 1;
        } catch (error) {
          counts.failures.push(error);
        }
      }
    };
    const clients = [loop(), loop(), loop(kept), loop(kept)];
    for (let restart = 0; restart < 5; restart += 1) {
      const before = counts.answered;
      await eventually(() => expect(counts.answered).toBeGreaterThan(before + 100), { withinMs: 20_000 });
      expect(await daemon.end()).toMatchObject({ exitCode: 0 });
      daemon = runService(site, { sockets: [socket] });
    }
    await eventually(() => expect(daemon.log.map(({ event }) => event)).toContain('started'), {
      withinMs: 20_000,
    });
    over.abort();
    await Promise.all(clients);
    kept.destroy();
    expect(counts.failures).toEqual([]);
  });

  it('is found by its address among others, and told of where nobody wants it', async () => {
    const port = await freePort();
    await using site = await Installation.create({
      config: { listeners: [{ tcp: `127.0.0.1:${port}`, serves: ['health'] }] },
    });
    await site.provision();
    using stray = listeningSocket({ path: `${site.socketPath}.stray` });
    using tcp = listeningSocket({ port });
    using api = listeningSocket({ path: site.socketPath });
    const daemon = runService(site, { sockets: [stray, tcp, api], socketNames: ['stray', 'tcp', 'api'] });
    await site.reaches({ state: 'active' });
    expect((await fetch(`http://127.0.0.1:${port}/readyz`)).status).toBe(200);
    expect(await daemon.logged('passed-socket-unused')).toMatchObject({
      address: `${site.socketPath}.stray`,
      name: 'stray',
    });
    expect(daemon.events('passed-socket-unused')).toHaveLength(1);
    // the listener of a reload finds it
    await site.configure({
      listeners: [
        { unix: `${site.socketPath}.stray`, allow: [{ user: process.geteuid?.(), may: ['token'] }] },
      ],
    });
    daemon.signal('SIGHUP');
    await eventually(async () => expect(await ask(`${site.socketPath}.stray`)).toBe(200), {
      withinMs: 20_000,
    });
    expect(await daemon.logged('passed-socket-unused', { name: 'tcp' })).toMatchObject({
      address: `127.0.0.1:${port}`,
    });
    // and so does one that comes back
    await site.configure({ listeners: [{ tcp: `127.0.0.1:${port}`, serves: ['health'] }] });
    await eventually(async () => expect((await fetch(`http://127.0.0.1:${port}/readyz`)).status).toBe(200), {
      withinMs: 20_000,
    });
  });

  it('keeps the owner and mode that it has, and a configuration that says otherwise is told', async () => {
    await using site = await Installation.create({ config: { socket: { mode: '0600' } } });
    await site.provision();
    using socket = listeningSocket({ path: site.socketPath });
    await chmod(site.socketPath, 0o666);
    const daemon = runService(site, { sockets: [socket] });
    expect(await daemon.logged('passed-socket-differs')).toMatchObject({
      path: site.socketPath,
      differs: 'mode 0666 instead of 0600',
    });
    await site.configure({ socket: { mode: '0640' } });
    await daemon.logged('passed-socket-differs', { differs: 'mode 0666 instead of 0640' });
    expect((await stat(site.socketPath)).mode & 0o777).toBe(0o666);
  });

  it('can be that of a proxy', async () => {
    const port = await freePort();
    const proxies = [{ listen: `127.0.0.1:${port}`, agent: 'web-01', peer: { user: process.geteuid?.() } }];
    await using site = await Installation.create({ config: { top: { proxies } } });
    await site.provision();
    using proxy = listeningSocket({ port });
    const url = `http://127.0.0.1:${port}/api/v2/events`;
    const post = () =>
      fetch(url, {
        method: 'POST',
        body: '{"events":[{"text":"x"}]}',
        headers: { 'Content-Type': 'application/json' },
      });
    const early = post();
    const daemon = runService(site, { sockets: [proxy] });
    expect((await early).ok).toBe(true);
    await daemon.end();
    const waiting = post();
    const next = runService(site, { sockets: [proxy] });
    expect((await waiting).ok).toBe(true);
    expect(next.events('passed-socket-unused')).toEqual([]);
  });

  it('that was passed to another process is left alone', async () => {
    await using site = await Installation.create();
    await site.provision();
    using socket = listeningSocket({ path: `${site.socketPath}.other` });
    const env = { ...site.env, LISTEN_FDS: '1', LISTEN_PID: '1' };
    const daemon = site.run({ env, passed: [socket.descriptor] });
    await site.reaches({ state: 'active' });
    expect(daemon.log.filter(({ event }) => event.startsWith('passed-'))).toEqual([]);
  });
});
