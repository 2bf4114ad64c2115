import { cp, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { Installation, type ConfigOverrides } from '../../support/installation.ts';
import { createKeychainSite } from '../../support/keychain-site.ts';
import { keyringParts } from '../../support/keyring.ts';
import { machine } from '../../support/machine.ts';
import { describePart } from '../../support/parts.ts';
import { describeRoot } from '../../support/root.ts';
import { Witness } from '../../support/witness.ts';
import { expectAlert, expectTold } from '../bad-input/told.ts';

/** A copy of the state folder is used beside the one that it was made from. */

/** A second installation of the same agent at the first one's server, with a copy of its state folder. */
async function copyOf(site: Installation, keys: ConfigOverrides['agent'] = {}): Promise<Installation> {
  const { agent, env, caFile } = site;
  const copy = await Installation.create({ agent, env });
  await copy.configure({ agent: { url: site.emulator.url, tls: { ca_file: caFile }, ...keys } });
  await cp(site.stateDir, copy.stateDir, { recursive: true });
  return copy;
}

describeRoot('on another machine, while the first one is at work,', () => {
  it('nothing is sent before the copy has a secret of its own', async () => {
    await using site = await Installation.create();
    await using first = await machine('a');
    await using second = await machine('b');
    const original = await Witness.begin(site, { through: first.mounts.through });
    await using copy = await copyOf(site);
    const daemon = copy.run({ through: second.mounts.through });

    const says = ['another machine', 'lock each other out', 'tokenward enroll web-01'];
    const told = { code: 'STATE_CLONED', exitCode: 78, says } as const;
    const status = await copy.reaches({
      state: 'blocked',
      token: { status: 'valid' },
      secret: { status: 'blocked' },
    });
    expectAlert(status, { ...told, severity: 'critical' });
    await daemon.logged('alert-firing', { code: 'STATE_CLONED', severity: 'critical' });
    expectTold(await copy.cli(['refresh', copy.agent]), told);
    expect((await copy.ask('/metrics')).body).toContain('{agent="web-01",state="blocked"} 1');
    expect((await copy.token()) === original.token).toBe(true);
    await copy.tokenFileHolds(original.token);
    expect(site.exchanges).toBe(original.exchanges);
    await original.goesOn();

    const args = ['enroll', copy.agent, '--admin-token-file', site.adminTokenFile, '--name', 'copy'];
    expect(await copy.cli(args)).toMatchObject({ exitCode: 0 });
    await copy.reaches({ state: 'active', secret: { status: 'held' }, alerts: [] });
    expect((await copy.cli(['refresh', copy.agent])).exitCode).toBe(0);
    await (await Witness.of(site, original.daemon)).goesOn();
    expect(site.emulator.state().secrets).toMatchObject({
      'web-01': { status: 'ACTIVE', spentSecretUses: 0 },
      copy: { status: 'ACTIVE', generation: 2, spentSecretUses: 0 },
    });

    await daemon.end('SIGKILL');
    copy.run({ through: second.mounts.through });
    await copy.reaches({ state: 'active', secret: { status: 'held' }, alerts: [] });
  });
});

describePart(keyringParts, 'on the same machine, with the secret in one keychain,', () => {
  it('the copy is a standby as long as the first one runs, and then goes on from its secret', async () => {
    await using kept = await createKeychainSite();
    const { site } = kept;
    const original = await Witness.begin(site);
    const secret = { store: 'keychain', deadline: '2s' };
    await using copy = await copyOf(site, { secret });
    const daemon = copy.run();
    await daemon.logged('standby');
    await original.goesOn();
    const { sequence } = (await site.reaches({ state: 'active' })).token;

    await original.daemon.end('SIGKILL');
    await daemon.logged('newer-secret-adopted', { generation: 2 });
    await copy.reaches({
      state: 'active',
      token: { status: 'valid' },
      secret: { generation: 2 },
      alerts: [],
    });
    expect((await copy.cli(['refresh', copy.agent])).exitCode).toBe(0);
    const { secret: held } = await copy.reaches({ state: 'active', secret: { status: 'held' }, alerts: [] });
    expect(held.generation).toBe(3);
    expect(sequence).toBe(2);
    expect(site.emulator.state()).toMatchObject({
      exchanges: { refused: 0 },
      secrets: { [site.agent]: { spentSecretUses: 0 } },
    });
  });
});

it('in a container, a volume that lost its id is taken for another one until the id is back', async () => {
  await using site = await Installation.create({ env: { container: 'tests' } });
  const first = await Witness.begin(site);
  await first.daemon.end();
  const id = join(site.stateDir, 'volume-id');
  const good = await readFile(id);
  await rm(id);

  const daemon = site.run();
  const told = { code: 'STATE_CLONED', exitCode: 78, says: ['another machine or volume'] } as const;
  const status = await site.reaches({ state: 'blocked', token: { status: 'valid' } });
  expectAlert(status, { ...told, severity: 'critical' });
  expectTold(await site.cli(['refresh', site.agent]), told);
  await first.serves();
  await daemon.end();

  await writeFile(id, good);
  const next = await Witness.of(site, site.run());
  expect(next.token === first.token).toBe(true);
  await next.goesOn();
});
