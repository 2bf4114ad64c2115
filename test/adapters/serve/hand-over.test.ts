import { describe, expect, it } from 'vitest';
import { TokenwardError, type ErrorCode } from '../../../src/domain/errors.ts';
import type { FakeAgent } from '../../fakes/fake-agent.ts';
import { eventually } from '../../support/eventually.ts';
import { Serving, type AskOptions } from './serving.ts';

const path = '/v1/agents/web-01/secret';
const put = (body: string | Buffer, headers: AskOptions['headers'] = {}): AskOptions => ({
  method: 'PUT',
  body,
  headers: { 'Content-Type': 'text/plain', ...headers },
});

/** The hand-over that the agent gets. */
const arrival = (agent: FakeAgent) =>
  eventually(() => {
    const [handOver] = agent.handOvers;
    if (handOver === undefined) throw new Error('no hand-over yet');
    return handOver;
  });

describe('PUT /v1/agents/{agent}/secret', () => {
  it('answers 202 once the secret is durable, and not before', async () => {
    await using serving = new Serving();
    const agent = serving.agent();
    await serving.listen();
    let answered = false;
    const answer = serving.ask(path, put('new-secret\n')).finally(() => (answered = true));
    const { secret, stored } = await arrival(agent);
    expect([secret.reveal(), answered]).toEqual(['new-secret', false]);
    stored.resolve();
    expect(await answer).toMatchObject({ status: 202, json: { agent: 'web-01' } });
    expect(serving.log.events()).toContain('secret-handed-over');
    expect(JSON.stringify(serving.log.lines)).not.toContain('new-secret');
  });

  it.each<ErrorCode>(['STATE_UNREADABLE', 'STORE_MISMATCH'])(
    'answers 409 where it cannot be taken: %s',
    async (code) => {
      await using serving = new Serving();
      const agent = serving.agent();
      await serving.listen();
      const answer = serving.ask(path, put('new-secret'));
      const { stored, judged } = await arrival(agent);
      const error = new TokenwardError(code, 'recover first');
      stored.reject(error);
      judged.reject(error);
      expect(await answer).toMatchObject({ status: 409, json: { code } });
    },
  );

  it.each([
    ['empty', ''],
    ['a newline alone', '\n'],
    ['two lines', 'a\nb'],
    ['binary', Buffer.of(0xff, 0xfe)],
    ['too large', 'x'.repeat(16 * 1024 + 1)],
    ['far too large', 'x'.repeat(4 * 1024 * 1024)],
  ])('refuses what is no secret: %s', async (_what, body) => {
    await using serving = new Serving();
    const agent = serving.agent();
    await serving.listen();
    expect(await serving.ask(path, put(body))).toMatchObject({
      status: 400,
      json: { code: 'SECRET_INPUT_INVALID' },
    });
    expect(agent.handOvers).toEqual([]);
  });

  it('refuses JSON, which somebody meant to be unpacked', async () => {
    await using serving = new Serving();
    serving.agent();
    await serving.listen();
    const answer = await serving.ask(path, put('{"secret":"x"}', { 'Content-Type': 'application/json' }));
    expect(answer).toMatchObject({ status: 400, json: { code: 'SECRET_INPUT_INVALID' } });
  });

  it('takes a secret without a content type', async () => {
    await using serving = new Serving();
    const agent = serving.agent();
    await serving.listen();
    const answer = serving.ask(path, { method: 'PUT', body: 'new-secret' });
    (await arrival(agent)).stored.resolve();
    expect(await answer).toMatchObject({ status: 202 });
  });

  it('knows its agents', async () => {
    await using serving = new Serving();
    await serving.listen();
    expect(await serving.ask(path, put('new-secret'))).toMatchObject({ status: 404 });
  });
});

describe('?wait', () => {
  const unjudged = new TokenwardError('SERVER_UNREACHABLE', 'the server is away');
  const refused = new TokenwardError('HANDOVER_REFUSED', 'the server says no');

  it.each([
    ['granted', null, 200, { agent: 'web-01' }],
    ['refused', refused, 422, { code: 'HANDOVER_REFUSED', detail: 'the server says no' }],
    ['not judged, as the server is away', unjudged, 202, { agent: 'web-01' }],
  ])('answers with the verdict: %s', async (_verdict, error, status, json) => {
    await using serving = new Serving();
    const agent = serving.agent();
    await serving.listen();
    const answer = serving.ask(`${path}?wait=30s`, put('new-secret'));
    const { stored, judged } = await arrival(agent);
    stored.resolve();
    if (error === null) judged.resolve();
    else judged.reject(error);
    expect(await answer).toMatchObject({ status, json });
    expect(serving.clock.nextDueInMs()).toBeNull();
  });

  it('answers 202 when the wait is over', async () => {
    await using serving = new Serving();
    const agent = serving.agent();
    await serving.listen();
    const answer = serving.ask(`${path}?wait=30s`, put('new-secret'));
    (await arrival(agent)).stored.resolve();
    await eventually(() => expect(serving.clock.nextDueInMs()).toBe(30_000));
    serving.clock.advance(30_000);
    expect(await answer).toMatchObject({ status: 202 });
  });

  it('answers 202 when the listener closes', async () => {
    await using serving = new Serving();
    const agent = serving.agent();
    const listener = await serving.listen();
    const answer = serving.ask(`${path}?wait=30s`, put('new-secret'));
    (await arrival(agent)).stored.resolve();
    await eventually(() => expect(serving.clock.nextDueInMs()).toBe(30_000));
    const closed = listener.close(60_000);
    expect(await answer).toMatchObject({ status: 202 });
    await closed;
  });

  it('refuses what is no duration before it reads the secret', async () => {
    await using serving = new Serving();
    const agent = serving.agent();
    await serving.listen();
    expect(await serving.ask(`${path}?wait=long`, put('new-secret'))).toMatchObject({ status: 400 });
    expect(agent.handOvers).toEqual([]);
  });
});
