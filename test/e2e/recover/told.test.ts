import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { FileJournal } from '../../../src/journal/file-journal.ts';
import { systemDisk } from '../../../src/platform/system-disk.ts';
import { systemRandom } from '../../../src/platform/system-random.ts';
import { Haystack } from '../../support/haystack.ts';
import type { Installation } from '../../support/installation.ts';
import { expectTold } from '../bad-input/told.ts';
import { begun, clone, stuck } from './stuck.ts';

/** What is told of a recovery, and to whom. */

const formed = stuck.find(({ recommended }) => recommended === 'finish-from-answer')!;

describe('no credential', () => {
  it('is in anything that a recovery prints, logs or leaves on disk', async () => {
    await using site = await begun(formed);
    const hidden = [await tokenOf(site), await adminTokenOf(site)];
    await formed.spoil(site);
    hidden.push(...(await secretsOf(site)));
    const haystack = new Haystack();
    const daemon = site.run();
    await site.reaches({ state: 'blocked' });
    const asks = [
      [],
      ['--json'],
      ['--dry-run'],
      ['--admin-token-file', site.adminTokenFile, '--yes', '--json'],
    ];
    for (const args of asks) {
      const { stdout, stderr } = await site.cli(['recover', site.agent, ...args]);
      haystack.add(`output with ${args.join(' ')}`, stdout + stderr);
    }
    await site.reaches({ state: 'active', alerts: [] });
    hidden.push(await site.token());
    await daemon.end();
    hidden.push(...(await secretsOf(site)));
    expect(new Set(hidden).size).toBeGreaterThan(5);
    haystack.add('the log', daemon.output);
    await haystack.addFolder(site.stateDir);
    expect(haystack.find(hidden)).toEqual([]);
  });
});

async function tokenOf(site: Installation): Promise<string> {
  await using daemon = site.run();
  await site.reaches({ state: 'active' });
  const token = await site.token();
  await daemon.end();
  return token;
}

/** Every secret that the journal keeps, and what came in answers: read with the key. */
async function secretsOf({ stateDir, agent }: Installation): Promise<readonly string[]> {
  const folder = join(stateDir, 'agents', agent);
  const journal = new FileJournal({ disk: systemDisk, random: systemRandom, folder, agent });
  const key = await readFile(join(stateDir, 'wrapping.key'), 'utf8');
  const { record, raws } = await journal.open(Buffer.from(key, 'base64'));
  if (record === null || record === 'unreadable' || raws === 'unreadable') throw new Error('it can be read');
  const held = [record.kept, record.previous].flatMap((secret) => secret?.text.reveal() ?? []);
  const bodies = raws.flatMap(({ answer }) =>
    answer.kind === 'http' ? [Buffer.from(answer.body).toString()] : [],
  );
  const sent = bodies.flatMap((body) =>
    Object.values((JSON.parse(body) as { result: Record<string, string> }).result),
  );
  return [...held, ...sent.filter((value) => typeof value === 'string' && value !== agent)];
}

async function adminTokenOf(site: Installation): Promise<string> {
  return (await readFile(site.adminTokenFile, 'utf8')).trim();
}

describe('the list of the server', () => {
  it('keeps from spending a secret that another copy has spent', async () => {
    await using site = await begun();
    await clone(site);
    const args = ['recover', site.agent, '--yes', '--admin-token-file', site.adminTokenFile];
    const { exchanges } = site;
    const gone = await site.cli([...args, '--name', 'nobody']);
    expectTold(gone, { code: 'RECOVERY_NOT_POSSIBLE', exitCode: 77, says: ['tokenward enroll web-01'] });
    expect(gone.stdout).toContain('the server has no secret of that name');
    const good = await site.cli(args);
    expect(good, good.stderr).toMatchObject({ exitCode: 0 });
    expect(good.stdout).toMatch(/server +web-01: ACTIVE, changed \d{4}-/);
    expect(site.exchanges).toBe(exchanges);
  });

  it('is asked with a credential that the server takes', async () => {
    await using site = await begun();
    await clone(site);
    await writeFile(site.adminTokenFile, 'not-the-administrator\n');
    const ran = await site.cli(['recover', site.agent, '--yes', '--admin-token-file', site.adminTokenFile]);
    expectTold(ran, { code: 'SERVER_REFUSED', exitCode: 77, says: ['admin credential'] });
    site.run();
    await site.reaches({ state: 'blocked' });
  });
});

describe('a user of the socket', () => {
  it('without "admin" is told so, and nothing is done past the daemon', async () => {
    await using site = await begun();
    await clone(site);
    await site.configure({ socket: { allow: [{ user: process.geteuid?.(), may: ['token', 'status'] }] } });
    site.run();
    await site.reaches({ state: 'blocked' });
    const ran = await site.cli(['recover', site.agent, '--yes']);
    expectTold(ran, { code: 'PEER_DENIED', exitCode: 77, says: ['may not "admin" here'] });
    await site.reaches({ state: 'blocked' });
  });

  it('may be a program', async () => {
    await using site = await begun();
    await clone(site);
    site.run();
    await site.reaches({ state: 'blocked' });
    const path = `/v1/agents/${site.agent}/recover`;
    const refused = await site.ask(path, ['-d', '{"action":"replay"}']);
    expect(refused.status).toBe(409);
    expect(JSON.parse(refused.body)).toMatchObject({ code: 'RECOVERY_NOT_POSSIBLE' });
    const { status, body } = await site.ask(path, ['-X', 'POST']);
    expect(status).toBe(200);
    expect(JSON.parse(body)).toMatchObject({ done: 'adopt', status: { state: 'active' } });
  });
});
