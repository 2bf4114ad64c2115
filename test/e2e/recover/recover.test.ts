import { readFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import type { Installation } from '../../support/installation.ts';
import { expectAlert, expectTold } from '../bad-input/told.ts';
import { begun, rolledBack, stuck, type Stuck } from './stuck.ts';

/** `tokenward recover` on the built program: with the daemon that is stuck, and without one. */

/** The agent exchanges again, and nothing stands against it. */
async function worksAgain(site: Installation): Promise<void> {
  await site.reaches({ state: 'active', secret: { status: 'held' } });
  expect(await site.cli(['refresh', site.agent])).toMatchObject({ exitCode: 0 });
  await site.reaches({ state: 'active', alerts: [] });
}

async function spoiled({
  spoil,
  ...situation
}: Pick<Stuck, 'spoil' | 'policy' | 'config'>): Promise<Installation> {
  const site = await begun(situation);
  await spoil(site);
  return site;
}

describe.each(stuck)('$name', (situation) => {
  const { code, recommended, state } = situation;

  it('is told by the daemon, which names the command, and ended through it', async () => {
    await using site = await spoiled(situation);
    site.run();
    const status = await site.reaches({ state });
    expectAlert(status, { code, severity: 'critical', says: [`tokenward recover ${site.agent}`] });
    const looked = await site.cli(['recover', site.agent, '--dry-run', '--json']);
    expect(JSON.parse(looked.stdout)).toMatchObject({ matter: { code }, recommended, done: null });
    await site.reaches({ state });

    const ran = await site.cli(['recover', site.agent, '--yes']);
    expect(ran, ran.stderr).toMatchObject({ exitCode: 0, stderr: '' });
    expect(ran.stdout).toContain(`${site.agent}: ${recommended} done`);
    await worksAgain(site);
    expect(JSON.parse((await site.cli(['recover', site.agent, '--json'])).stdout)).toMatchObject({
      matter: null,
      remedy: 'none-needed',
    });
  });

  it('is ended while no daemon runs', async () => {
    await using site = await spoiled(situation);
    const { exchanges } = site;
    const ran = await site.cli(['recover', site.agent, '--yes', '--json']);
    expect(ran, ran.stderr).toMatchObject({ exitCode: 0, stderr: '' });
    expect(JSON.parse(ran.stdout)).toMatchObject({
      agent: site.agent,
      matter: { code },
      recommended,
      done: recommended,
    });
    expect(site.exchanges, 'the command itself asks no server').toBe(exchanges);
    site.run();
    await worksAgain(site);
  });
});

describe('a stored secret of the same generation that the journal does not know', () => {
  it('is tried only by name', async () => {
    await using site = await spoiled(rolledBack);
    const daemon = site.run();
    const status = await site.reaches({ state: 'blocked' });
    expectAlert(status, { code: 'STATE_ROLLED_BACK', severity: 'critical', says: ['tokenward recover'] });
    const says = ['no step is safe', 'tokenward enroll web-01'];
    const told = await site.cli(['recover', site.agent, '--yes']);
    expectTold(told, { code: 'RECOVERY_NOT_POSSIBLE', exitCode: 77, says });
    expect(told.stdout).toContain('reuse');
    await site.reaches({ state: 'blocked' });
    const ran = await site.cli(['recover', site.agent, '--action', 'adopt', '--yes']);
    expect(ran, ran.stderr).toMatchObject({ exitCode: 0 });
    await worksAgain(site);
    await daemon.end();
  });
});

describe('an agent at work', () => {
  it('is left alone', async () => {
    await using site = await begun();
    const token = (await readFile(site.tokenFile, 'utf8')).trim();
    site.run();
    await site.reaches({ state: 'active' });
    const ran = await site.cli(['recover', site.agent]);
    expect(ran).toMatchObject({ exitCode: 0, stderr: '' });
    expect(ran.stdout).toContain('nothing is to be done');
    const named = await site.cli(['recover', site.agent, '--yes', '--action', 'adopt']);
    expectTold(named, {
      code: 'RECOVERY_NOT_POSSIBLE',
      exitCode: 77,
      says: ['adopt is not what can be done'],
    });
    expect(await site.token()).toBe(token);
    expect(site.exchanges).toBe(1);
  });
});
