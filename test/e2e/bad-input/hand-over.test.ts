import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Installation } from '../../support/installation.ts';
import { Kept } from './kept.ts';
import { expectAlert, expectTold } from './told.ts';

const wrong = 'a secret that the server never issued';

let kept: Kept;
let site: Installation;

beforeAll(async () => {
  kept = await Kept.create();
  ({ site } = kept);
});

afterAll(() => kept[Symbol.asyncDispose]());

describe('what cannot be a secret', () => {
  it.each([
    ['nothing', '', ['no secret of web-01 on standard input', '`tokenward import web-01 < FILE`']],
    ['a newline', '\n', ['is empty']],
    ['two lines', 'one\ntwo\n', ['has a line break', 'give it alone, on one line']],
    ['a Windows line', 'one\r\n', ['ends in a carriage return', "tr -d '\\r'"]],
    ['bytes', '\u0000\u0001\u0002', ['control character']],
    ['a large file', 'x'.repeat(20 * 1024), ['is larger than 16384 bytes', 'give it alone, on one line']],
  ])('%s', async (_what, stdin, says) => {
    const ran = await site.cli(['import', site.agent], { stdin });
    expectTold(ran, { code: 'SECRET_INPUT_INVALID', exitCode: 64, says });
    await kept.unharmed();
  });
});

describe('a secret that the server does not know, handed over while a good one is in use', () => {
  const unimpressed = { state: 'active', token: { sequence: 1 }, secret: { status: 'held', generation: 1 } };
  const alert = {
    code: 'HANDOVER_REFUSED',
    severity: 'warning',
    says: ['handed over to web-01', 'the one in use before stands', 'tokenward enroll web-01'],
  } as const;

  it('is refused to who gave it to the running daemon', async () => {
    await using daemon = site.run();
    await daemon.started();
    const ran = await site.cli(['import', site.agent], { stdin: wrong });
    const says = ['the server refused the new secret', 'the one in use before stands', 'tokenward enroll'];
    expectTold(ran, { code: 'HANDOVER_REFUSED', exitCode: 77, says });
    expect(ran.stderr).not.toContain(wrong);
    expectAlert(await site.reaches(unimpressed), alert);
    expect(await site.token()).toBe(kept.token);
  });

  it('is told by the status where no daemon ran when it was given', async () => {
    const before = site.exchanges;
    const ran = await site.cli(['import', site.agent], { stdin: `${wrong} either` });
    expect(ran).toMatchObject({ exitCode: 0, stderr: '' });
    expect(ran.stdout).toContain('stored; no daemon is running');
    expect(site.exchanges).toBe(before);
    await using daemon = site.run();
    await daemon.started();
    await site.reaches({ ...unimpressed, last_exchange: { code: 'HANDOVER_REFUSED' } });
    expectAlert(await site.reaches(unimpressed), alert);
    expect((await site.cli(['status'])).stdout).toContain('HANDOVER_REFUSED');
    expect(site.exchanges).toBe(before + 1);
    expect(await site.token()).toBe(kept.token);
    expect(await site.readTokenFile()).toBe(kept.token);
  });

  it('is not sent again, and the good one is as good as before', async () => {
    const { refused } = site.emulator.state().exchanges;
    await using daemon = site.run();
    await daemon.started();
    expect((await site.cli(['refresh', site.agent])).exitCode).toBe(0);
    await site.reaches({ state: 'active', secret: { generation: 2 }, alerts: [] });
    expect(site.emulator.state().exchanges).toMatchObject({ granted: 2, refused });
  });
});

describe('a wrong secret for an agent that has none', () => {
  it('says no word of one in use', async () => {
    await site.configure({ agents: { 'web-02': {} } });
    await using daemon = site.run();
    await daemon.started();
    const ran = await site.cli(['import', 'web-02'], { stdin: wrong });
    const says = ['the server refused the new secret', 'run `tokenward enroll web-02`'];
    expectTold(ran, { code: 'HANDOVER_REFUSED', exitCode: 77, says });
    expect(ran.stderr).not.toContain('in use');
    const status = await site.reaches({ state: 'revoked' }, { agent: 'web-02' });
    const text = ['the server refuses the secret of web-02', 'never was one of this server', 'enroll web-02'];
    expectAlert(status, { code: 'SECRET_REVOKED', severity: 'critical', says: text });
    await site.reaches({ state: 'active' });
  });
});
