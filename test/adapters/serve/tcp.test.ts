import { describe, expect, it } from 'vitest';
import { listenTcp, type TcpListenerOptions } from '../../../src/serve/listeners.ts';
import { ask, Serving } from './serving.ts';

const limits = { connections: 0, requestsPerSecond: 0 };

function listen(serving: Serving, options: Partial<TcpListenerOptions> = {}) {
  return listenTcp(serving.dependencies, {
    host: '127.0.0.1',
    port: 0,
    serves: ['health', 'metrics'],
    oauthClients: new Map(),
    limits,
    ...options,
  });
}

function placeOf({ address }: { readonly address: string }) {
  const { hostname, port } = new URL(`http://${address}`);
  return { host: hostname.replaceAll(/[[\]]/g, ''), port: Number(port) };
}

describe('a TCP listener', () => {
  it('serves what it is told to', async () => {
    await using serving = new Serving();
    serving.agent().publish('abc');
    await using listener = await listen(serving);
    const place = placeOf(listener);
    expect(await ask(place, '/healthz')).toMatchObject({ status: 200, text: 'ok' });
    expect(await ask(place, '/readyz')).toMatchObject({ status: 200, json: { ready: true } });
    expect(await ask(place, '/metrics')).toMatchObject({ status: 200 });
  });

  it.each(['/v1/agents', '/v1/agents/web-01', '/v1/agents/web-01/token', '/v1/token'])(
    'never serves %s',
    async (path) => {
      await using serving = new Serving();
      serving.agent().publish('abc');
      await using listener = await listen(serving);
      const answer = await ask(placeOf(listener), path);
      expect(answer).toMatchObject({ status: 404, json: { code: 'NOT_FOUND' } });
      expect(answer.text).not.toContain('abc');
    },
  );

  it('serves nothing else', async () => {
    await using serving = new Serving();
    await using listener = await listen(serving, { serves: ['metrics'] });
    expect(await ask(placeOf(listener), '/healthz')).toMatchObject({ status: 404 });
  });

  it('listens on IPv6 too', async () => {
    await using serving = new Serving();
    await using listener = await listen(serving, { host: '::1' });
    expect(listener.address).toMatch(/^\[::1\]:\d+$/);
    expect(await ask(placeOf(listener), '/healthz')).toMatchObject({ status: 200 });
  });

  it('tells that the port is taken', async () => {
    await using serving = new Serving();
    await using listener = await listen(serving);
    const { port } = placeOf(listener);
    await expect(listen(serving, { port })).rejects.toMatchObject({
      code: 'ADDRESS_IN_USE',
      message: expect.stringContaining(`127.0.0.1:${port}`) as string,
    });
  });

  it('tells that the address is not of this host', async () => {
    await using serving = new Serving();
    await expect(listen(serving, { host: '192.0.2.1' })).rejects.toMatchObject({ code: 'SOCKET_UNUSABLE' });
  });
});
