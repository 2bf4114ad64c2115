import { Readable } from 'node:stream';
import { Agent, interceptors, Pool, request } from 'undici';
import { expect, it } from 'vitest';
import { eventually } from '../../../support/eventually.ts';
import { Site } from './site.ts';

it('a rejected token is reported once, and those whom it met go again with the newer one', async () => {
  await using site = await Site.begin();
  const server = await site.server('second');
  const dispatcher = new Agent().compose(site.client.interceptor({ origin: server.origin }));
  const answers = Promise.all(
    ['a', 'b', 'c'].map((body) => request(server.origin, { dispatcher, method: 'POST', body })),
  );
  await eventually(() => expect(site.agent.rejections).toHaveLength(1));
  await eventually(() => expect(server.seen).toHaveLength(3));
  site.agent.publish('second');
  for (const { statusCode, body } of await answers)
    expect([statusCode, await body.text()]).toEqual([200, 'taken']);
  const again = server.seen.slice(3).map(({ token, body }) => `${token} ${body}`);
  expect(again.toSorted()).toEqual(['Bearer second a', 'Bearer second b', 'Bearer second c']);
  expect(site.agent.rejections).toHaveLength(1);
  await dispatcher.close();
});

it('the answer is passed on where no newer token comes, and the next rejection of it does not wait', async () => {
  await using site = await Site.begin();
  const server = await site.server('another');
  const dispatcher = new Agent().compose(site.client.interceptor({ origin: server.origin }));
  const answer = request(server.origin, { dispatcher });
  await eventually(() => expect(site.agent.listeners).toBe(1));
  site.daemon.clock.advance(10_000);
  const { statusCode, body } = await answer;
  expect([statusCode, await body.text()]).toEqual([401, 'token refused']);
  expect((await request(server.origin, { dispatcher })).statusCode).toBe(401);
  expect(server.seen).toHaveLength(2);
  await dispatcher.close();
});

it('a stream is not sent again: its rejection is reported and passed on', async () => {
  await using site = await Site.begin();
  const server = await site.server('second');
  const dispatcher = new Agent().compose(site.client.interceptor({ origin: server.origin }));
  const { statusCode } = await request(server.origin, {
    dispatcher,
    method: 'POST',
    body: Readable.from(['x']),
  });
  expect(statusCode).toBe(401);
  await eventually(() => expect(site.agent.rejections).toHaveLength(1));
  expect(server.seen).toEqual([{ token: 'Bearer first', body: 'x' }]);
  await dispatcher.close();
});

it('another origin gets no token, and keeps the header that it was given', async () => {
  await using site = await Site.begin();
  const [server, other] = [await site.server('first'), await site.server('own')];
  const dispatcher = new Agent().compose(site.client.interceptor({ origin: server.origin }));
  await request(other.origin, { dispatcher });
  await request(other.origin, { dispatcher, headers: { authorization: 'Bearer own' } });
  await request(server.origin, { dispatcher, headers: { Authorization: 'Bearer own' } });
  expect(other.seen.map(({ token }) => token)).toEqual([undefined, 'Bearer own']);
  expect(server.seen.map(({ token }) => token)).toEqual(['Bearer first']);
  await dispatcher.close();
});

it.each(['authorization', 'x-auth-token'])('a redirect takes no %s elsewhere', async (header) => {
  await using site = await Site.begin();
  const [server, other] = [await site.server('first'), await site.server('own')];
  server.redirectsTo = other.origin;
  const ofClient = site.client.interceptor({ origin: server.origin, header });
  const redirect = interceptors.redirect({ maxRedirections: 3 });

  const below = new Agent().compose(redirect, ofClient);
  expect((await request(server.origin, { dispatcher: below })).statusCode).toBe(307);
  expect(other.seen).toEqual([]);

  const above = new Agent().compose(ofClient, redirect);
  expect((await request(server.origin, { dispatcher: above })).statusCode).toBe(401);
  expect(other.seen).toEqual([{ token: undefined, body: '' }]);
  expect(site.agent.rejections).toEqual([]);
  await Promise.all([below.close(), above.close()]);
});

it('a request that is given up while it waits for a newer token ends at once', async () => {
  await using site = await Site.begin();
  const server = await site.server('second');
  const dispatcher = new Agent().compose(site.client.interceptor({ origin: server.origin }));
  const giveUp = new AbortController();
  const answer = request(server.origin, { dispatcher, signal: giveUp.signal });
  await eventually(() => expect(site.agent.listeners).toBe(1));
  giveUp.abort(new Error('enough'));
  await expect(answer).rejects.toThrow('enough');
  await dispatcher.close();
});

it('a rejection while the daemon is away is passed on, and the next one is reported again', async () => {
  await using site = await Site.begin();
  const server = await site.server('second');
  const dispatcher = new Agent().compose(site.client.interceptor({ origin: server.origin }));
  await site.client.getToken();
  await site.daemon.cutOff(site.listener.close(0));
  expect((await request(server.origin, { dispatcher })).statusCode).toBe(401);
  await site.listen();
  const answer = request(server.origin, { dispatcher });
  await eventually(() => expect(site.agent.rejections).toHaveLength(1));
  site.agent.publish('second');
  expect((await answer).statusCode).toBe(200);
  await dispatcher.close();
});

it('a pool sends to its own server, whatever origin a request names', async () => {
  await using site = await Site.begin();
  const [server, other] = [await site.server('first'), await site.server('own')];
  const ofClient = site.client.interceptor({ origin: server.origin });
  const [pool, otherPool] = [server, other].map(({ origin }) => new Pool(origin).compose(ofClient));
  await pool?.request({ path: '/', method: 'GET' });
  await otherPool?.request({ path: '/', method: 'GET', origin: server.origin });
  expect(server.seen).toMatchObject([{ token: 'Bearer first' }]);
  expect(other.seen).toMatchObject([{ token: undefined }]);
  await Promise.all([pool?.close(), otherPool?.close()]);
});

it('where there is no token, or nobody could tell where it goes, the request fails with the reason', async () => {
  await using site = await Site.begin();
  const server = await site.server('first');
  const ofClient = site.client.interceptor({ origin: server.origin });
  const errors: Error[] = [];
  const handler = { onResponseError: (_: unknown, error: Error) => errors.push(error) };
  ofClient(() => expect.unreachable())({}, handler);
  ofClient(() => expect.unreachable(), null)({ origin: server.origin }, handler);
  expect(errors).toMatchObject([{ code: 'REQUEST_INVALID' }, { code: 'REQUEST_INVALID' }]);

  site.daemon.clock.advance(700_000);
  const dispatcher = new Agent().compose(ofClient);
  await expect(request(server.origin, { dispatcher })).rejects.toMatchObject({ code: 'TOKEN_UNAVAILABLE' });
  expect(server.seen).toEqual([]);
  await dispatcher.close();
});
