import { mkdir, readFile, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { eventually } from '../../support/eventually.ts';
import { Installation } from '../../support/installation.ts';

/** The file is saved, however that is done, and nobody sends a signal. */

type Save = (site: Installation, text: string, round: number) => Promise<void>;

const ways: Readonly<Record<string, Save>> = {
  'written in place': ({ configFile }, text) => writeFile(configFile, text),
  'replaced by rename': async ({ configFile }, text, round) => {
    await writeFile(`${configFile}.${round}`, text, { mode: 0o600 });
    await rename(`${configFile}.${round}`, configFile);
  },
  'removed and made anew': async ({ configFile }, text) => {
    await rm(configFile);
    await writeFile(configFile, text, { mode: 0o600 });
  },
};

/** Kubernetes' way with a volume: the file leads through `..data` to a folder, and `..data` is swapped. */
async function swap(site: Installation, text: string, round: number): Promise<void> {
  const folder = join(site.folder, 'volume');
  await mkdir(join(folder, `..round-${round}`), { recursive: true });
  await writeFile(join(folder, `..round-${round}`, 'config.yaml'), text, { mode: 0o600 });
  await symlink(`..round-${round}`, join(folder, '..data-next'));
  await rename(join(folder, '..data-next'), join(folder, '..data'));
  await rm(join(folder, `..round-${round - 1}`), { recursive: true, force: true });
}

async function textWith(site: Installation, ttl: string): Promise<string> {
  await site.configure({ agent: { ttl } });
  return readFile(site.configFile, 'utf8');
}

async function reloads(site: Installation, count: number): Promise<void> {
  const [daemon] = site.daemons;
  await eventually(() => expect(daemon!.events('config-reloaded'), daemon!.output).toHaveLength(count), {
    withinMs: 20_000,
  });
  expect(daemon!.events('config-reloaded').every(({ cause }) => cause === 'file')).toBe(true);
  expect(daemon!.events('config-rejected')).toEqual([]);
}

describe('a configuration file', () => {
  it.each(Object.entries(ways))('that is %s is used', async (_way, save) => {
    await using site = await Installation.create();
    await site.provision();
    const daemon = site.run();
    await site.reaches({ state: 'active' });
    await daemon.logged('config-watched');
    for (const round of [1, 2, 3]) {
      const original = await readFile(site.configFile, 'utf8');
      const text = original.replace(/"ttl": "[^"]*"/, `"ttl": "${round}h"`);
      await save(site, text, round);
      await reloads(site, round);
    }
    await site.client.refresh('web-01');
    expect((await site.client.status('web-01')).token.expires_in).toBeGreaterThan(10_000);
  });

  it('that Kubernetes swaps is used', async () => {
    await using site = await Installation.create();
    await site.provision();
    await swap(site, await textWith(site, '30m'), 0);
    await symlink('..data/config.yaml', join(site.folder, 'volume', 'config.yaml'));
    const inVolume = join(site.folder, 'volume', 'config.yaml');
    const text = await textWith(site, '30m');
    await rm(site.configFile);
    await symlink(inVolume, site.configFile);
    const daemon = site.run();
    await site.reaches({ state: 'active' });
    await daemon.logged('config-watched');
    for (const round of [1, 2, 3]) {
      await swap(site, text.replace(/"ttl": "[^"]*"/, `"ttl": "${round}h"`), round);
      await reloads(site, round);
    }
  });
});
