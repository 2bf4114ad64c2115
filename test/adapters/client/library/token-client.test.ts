import { inspect } from 'node:util';
import { expect, it } from 'vitest';
import { fingerprintOf } from '../../../../src/platform/fingerprint.ts';
import { eventually } from '../../../support/eventually.ts';
import { Site } from './site.ts';

it('keeps the token in memory until its end is near', async () => {
  await using site = await Site.begin();
  const first = await site.client.getToken();
  expect(first).toMatchObject({ accessToken: 'first', tokenType: 'Bearer', sequence: 1, agent: 'web-01' });
  expect(first.expiresInMs).toBe(600_000);
  site.agent.publish('second');
  expect(await site.client.getToken()).toBe(first);
  site.daemon.clock.advance(580_000);
  expect(await site.client.getToken()).toMatchObject({ accessToken: 'second', sequence: 2 });
});

it('asks the daemon where a longer life is wanted than the token in memory has', async () => {
  await using site = await Site.begin();
  await site.client.getToken();
  site.daemon.clock.advance(300_000);
  site.agent.publish('second');
  const { accessToken } = await site.client.getToken({ minTtlMs: 400_000 });
  expect(accessToken).toBe('second');
});

it('makes one request for calls at the same time, and one that is given up does not end it for the others', async () => {
  await using site = await Site.begin();
  const giveUp = new AbortController();
  const calls = Array.from({ length: 20 }, () => site.client.getToken());
  const given = site.client.getToken({ signal: giveUp.signal });
  giveUp.abort(new Error('enough'));
  await expect(given).rejects.toThrow('enough');
  const tokens = new Set(await Promise.all(calls));
  expect(tokens.size).toBe(1);
});

it('does not show the text of a token by accident', async () => {
  await using site = await Site.begin();
  const token = await site.client.getToken();
  expect(`${inspect(token, { showHidden: true, getters: true })}${JSON.stringify({ token })}`).not.toContain(
    'first',
  );
});

it('rotations go on after a restart of the daemon, and end with the loop', async () => {
  await using site = await Site.begin();
  const rotations = site.client.rotations();
  const next = async () => (await rotations.next()).value?.accessToken;
  expect(await next()).toBe('first');

  const second = next();
  site.agent.publish('second');
  expect(await second).toBe('second');

  const third = next();
  await site.daemon.cutOff(site.listener.close(0));
  site.agent.publish('third');
  await site.listen();
  expect(await third).toBe('third');
  expect(await site.client.getToken()).toMatchObject({ accessToken: 'third' });

  const fourth = next();
  await rotations.return?.();
  expect(await fourth).toBeUndefined();
});

it('rotations end by their signal, and throw what only a person can change', async () => {
  await using site = await Site.begin();
  const end = new AbortController();
  const seen: string[] = [];
  for await (const { accessToken } of site.client.rotations({ signal: end.signal })) {
    seen.push(accessToken);
    end.abort();
  }
  expect(seen).toEqual(['first']);
  site.daemon.agents.clear();
  await expect(site.client.rotations().next()).rejects.toMatchObject({ code: 'AGENT_UNKNOWN', status: 404 });
});

it('reports a rejection by the name of the token, and forgets it', async () => {
  await using site = await Site.begin();
  const token = await site.client.getToken();
  await site.client.reportRejection(token, 401);
  expect(site.agent.rejections).toMatchObject([{ fingerprint: fingerprintOf('first'), certain: false }]);
  site.agent.publish('second');
  expect(await site.client.getToken()).toMatchObject({ accessToken: 'second' });
});

it('tells why there is no token, and when to come back', async () => {
  await using site = await Site.begin();
  site.daemon.clock.advance(700_000);
  await expect(site.client.getToken()).rejects.toMatchObject({
    name: 'TokenwardClientError',
    code: 'TOKEN_UNAVAILABLE',
    status: 503,
    retryAfterMs: 5000,
  });
  const waits = site.client.rotations().next();
  await eventually(() => expect(site.agent.listeners).toBe(1));
  await site.client.close();
  expect(await waits).toEqual({ done: true, value: undefined });
  await expect(site.client.getToken()).rejects.toMatchObject({ code: 'CLIENT_CLOSED' });
});
