import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { TokenwardError } from '../../../src/domain/errors.ts';
import { Serving } from './serving.ts';

const path = '/v1/agents/web-01/rekey';
const stored = [
  { agent: 'web-01', records: ['secret', 'journal'] },
  { agent: 'web-02', records: [] },
];

describe('POST /v1/agents/{agent}/rekey', () => {
  let serving: Serving;
  beforeEach(() => {
    serving = new Serving();
    serving.agent();
    serving.keys.answer = stored;
  });
  afterEach(() => serving[Symbol.asyncDispose]());

  it('answers whose key was replaced', async () => {
    await serving.listen();
    const { status, json } = await serving.ask(path, { method: 'POST' });
    expect(status).toBe(200);
    expect(json).toMatchObject({ agent: 'web-01', rekeyed: ['web-01', 'web-02'], agents: stored });
    expect(json?.['status']).toMatchObject({ agent: 'web-01', state: 'acquiring' });
    expect(serving.keys.calls).toEqual(['replace web-01']);
    expect(serving.log.lines).toContainEqual({
      level: 'info',
      event: 'rekey-requested',
      fields: {
        agent: 'web-01',
        uid: process.geteuid?.(),
        pid: process.pid,
        executable: process.execPath,
        dry_run: false,
      },
    });
  });

  it('only tells what would be done when asked so', async () => {
    await serving.listen();
    const { json } = await serving.ask(path, { method: 'POST', body: '{"dry_run":true}' });
    expect(json).toMatchObject({ rekeyed: [], agents: stored });
    expect(serving.keys.calls).toEqual(['preview web-01']);
  });

  it.each(['{', '[]', '{"dry_run":1}', '{"key":"c2VjcmV0"}', 'x'.repeat(5000)])(
    'refuses a body that it does not understand, and does not repeat it: %s',
    async (body) => {
      await serving.listen();
      const { status, text } = await serving.ask(path, { method: 'POST', body });
      expect(status).toBe(400);
      expect(text).toContain('REQUEST_INVALID');
      expect(text).not.toContain('c2VjcmV0');
      expect(serving.keys.calls).toEqual([]);
    },
  );

  it('answers what kept the key from being replaced', async () => {
    serving.keys.answer = new TokenwardError('KEY_FILE_UNUSABLE', 'no');
    await serving.listen();
    const { status, json } = await serving.ask(path, { method: 'POST' });
    expect([status, json?.['code']]).toEqual([503, 'KEY_FILE_UNUSABLE']);
  });

  it('is for administrators', async () => {
    await serving.listen({ allow: [{ user: process.geteuid?.() ?? -1, may: ['token', 'status'] }] });
    expect((await serving.ask(path, { method: 'POST' })).status).toBe(403);
    expect(serving.keys.calls).toEqual([]);
  });
});
