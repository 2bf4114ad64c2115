import { describe, expect, it } from 'vitest';
import { TokenwardError } from '../../../src/domain/errors.ts';
import type { RecoveryRequest, RecoveryResult } from '../../../src/domain/recovery-report.ts';
import { recoveryOf } from '../../../src/domain/recovery.ts';
import { eventually } from '../../support/eventually.ts';
import { found } from '../../unit/domain/recovery-fixtures.ts';
import { Serving, type Answer } from './serving.ts';

/** `POST /v1/agents/{agent}/recover` */

const path = '/v1/agents/web-01/recover';
const { report } = recoveryOf(found({ view: { identity: 'host:two' } }));

interface Asked {
  readonly answer: Answer;
  readonly request: RecoveryRequest | undefined;
}

/** What the API answers, and what the agent was asked for; the agent ends with `result`. */
async function asked(body: string | undefined, result: RecoveryResult | TokenwardError): Promise<Asked> {
  await using serving = new Serving();
  const agent = serving.agent();
  await serving.listen();
  const answer = serving.ask(path, { method: 'POST', ...(body !== undefined && { body }) });
  const [running] = await eventually(() => {
    expect(agent.recoveries).toHaveLength(1);
    return agent.recoveries;
  });
  if (result instanceof TokenwardError) running?.answer.reject(result);
  else running?.answer.resolve(result);
  return { answer: await answer, request: running?.request };
}

describe('POST /v1/agents/{agent}/recover', () => {
  it.each<[body: string | undefined, RecoveryRequest]>([
    [undefined, { action: null, matter: null, dryRun: false }],
    ['{}', { action: null, matter: null, dryRun: false }],
    ['{"dry_run":true}', { action: null, matter: null, dryRun: true }],
    ['{"action":"set-aside"}', { action: 'set-aside', matter: null, dryRun: false }],
    [
      '{"action":"adopt","matter":"STATE_CLONED"}',
      { action: 'adopt', matter: 'STATE_CLONED', dryRun: false },
    ],
    ['{"action":null,"dry_run":false}', { action: null, matter: null, dryRun: false }],
  ])('with %s', async (body, expected) => {
    const { request } = await asked(body, { report, done: null, setAside: null });
    expect(request).toEqual(expected);
  });

  it('answers with the report, what was done, and the status after it', async () => {
    const { answer } = await asked('{}', { report, done: 'adopt', setAside: '/state/set-aside' });
    const told = { ...report, done: 'adopt', set_aside: '/state/set-aside' };
    expect(answer.status).toBe(200);
    expect(answer.json).toMatchObject(JSON.parse(JSON.stringify(told)) as object);
    expect(answer.json).toMatchObject({ status: { agent: 'web-01', state: 'acquiring' } });
  });

  it('refuses an action that is not offered any more', async () => {
    const error = new TokenwardError('RECOVERY_NOT_POSSIBLE', 'adopt is not what can be done now');
    const { answer } = await asked('{"action":"adopt"}', error);
    expect(answer).toMatchObject({ status: 409, json: { code: 'RECOVERY_NOT_POSSIBLE', agent: 'web-01' } });
  });

  it.each([
    '[]',
    'null',
    '"adopt"',
    '{"action":"adopt"',
    '{"action":"enroll"}',
    '{"action":1}',
    '{"dry_run":"yes"}',
    '{"dryrun":true}',
    '{"matter":"NOTHING"}',
    '{"admin_token":"the-admin-token"}',
    `{"action":"${'a'.repeat(5_000)}"}`,
  ])('does nothing for %.40s', async (body) => {
    await using serving = new Serving();
    const agent = serving.agent();
    await serving.listen();
    const answer = await serving.ask(path, { method: 'POST', body });
    expect(answer).toMatchObject({ status: 400, json: { code: 'REQUEST_INVALID' } });
    expect(answer.text).not.toContain('the-admin-token');
    expect(agent.recoveries).toEqual([]);
  });

  it('is for administrators', async () => {
    await using serving = new Serving();
    const agent = serving.agent();
    await serving.listen({ allow: [{ user: process.geteuid?.() ?? -1, may: ['token', 'status'] }] });
    expect(await serving.ask(path, { method: 'POST' })).toMatchObject({
      status: 403,
      json: { code: 'PEER_DENIED' },
    });
    expect(agent.recoveries).toEqual([]);
  });

  it('leaves a line in the log', async () => {
    await using serving = new Serving();
    const agent = serving.agent();
    await serving.listen();
    const answer = serving.ask(path, { method: 'POST', body: '{"dry_run":true}' });
    await eventually(() => expect(agent.recoveries).toHaveLength(1));
    agent.recoveries[0]?.answer.resolve({ report, done: null, setAside: null });
    await answer;
    expect(serving.log.events()).toContain('recovery-requested');
  });
});
