import { expect, it } from 'vitest';
import { troubleIsOver, troubleStands } from '../../support/host-trouble.ts';
import { Installation, uniqueName } from '../../support/installation.ts';
import { createKeychainSite } from '../../support/keychain-site.ts';
import { keyringParts } from '../../support/keyring.ts';
import { matching } from '../../support/matching.ts';
import { describePart } from '../../support/parts.ts';

/** A daemon and commands of other agents ask one keyring at once, each in a process of its own. */

describePart(keyringParts, 'a locked keyring of a desktop, asked by several processes at once', () => {
  it('hangs for all of them until it is unlocked, and then serves all of them', async () => {
    await using kept = await createKeychainSite({}, { prompter: 'waiting' });
    const { site, keyring } = kept;
    await site.provision();
    await site.run().logged('state-changed', { state: 'active' });
    await using other = await Installation.create({
      agent: uniqueName('other'),
      env: keyring.env,
      config: { agent: { secret: { store: 'keychain', deadline: '2s' } } },
    });
    const secret = other.emulator.createSecret(other.agent);
    await keyring.lock();

    const told = /a prompt to unlock it waits on the desktop/;
    const hung = { exitCode: 75, stdout: '', stderr: matching(told) };
    const commands = [
      site.cli(['refresh', site.agent]),
      ...[1, 2].map(() => other.cli(['import', other.agent], { stdin: secret })),
    ];
    for (const ran of await Promise.all(commands)) {
      expect(ran).toMatchObject({ exitCode: 75, stdout: '' });
      // of two commands for one agent one may only see the other
      expect(ran.stderr).toMatch(/a prompt to unlock it waits on the desktop|AGENT_HELD/);
    }
    expect(await other.cli(['import', other.agent], { stdin: secret })).toMatchObject(hung);
    await troubleStands(site, {
      state: 'degraded',
      token: 'valid',
      secret: 'unreachable',
      code: 'STORE_UNAVAILABLE',
      severity: 'warning',
      told,
    });
    expect(site.exchanges).toBe(1);

    await keyring.unlock();
    await troubleIsOver(site, 1);
    expect(await other.cli(['import', other.agent], { stdin: secret })).toMatchObject({ exitCode: 0 });
    other.run();
    await troubleIsOver(other, 1);
    await site.client.refresh(site.agent);
    await troubleIsOver(site, 2);
  });
});
