import { cp, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { describePart } from '../support/parts.ts';
import { checkTypes } from './kubernetes/check-types.ts';
import { manifests, rendered } from './kubernetes/rendered.ts';
import { configIn, tokenwardIn, workloadsIn } from './kubernetes/workloads.ts';

const page = await readFile('docs/kubernetes.md', 'utf8');

function shown(name: string): string {
  const [, content = ''] = new RegExp(`^\`${name}\`:\n\n\`\`\`yaml\n(.*?)^\`\`\`$`, 'ms').exec(page) ?? [];
  return content;
}

it('docs/kubernetes.md tells of every kustomization', async () => {
  const told = [...page.matchAll(/^\| `([a-z/-]+)` \|/gm)].map(([, name]) => name);
  const overlays = (await readdir(join(manifests, 'overlays'))).map((name) => `overlays/${name}`);
  expect(new Set(told)).toEqual(new Set(['base', 'identity', ...overlays]));
});

describePart(['kubernetes-client'], 'docs/kubernetes.md', () => {
  it("shows an overlay that renders: one's own image, shipper and configuration", async () => {
    const folder = await mkdtemp(join(tmpdir(), 'tokenward-overlay-'));
    try {
      await cp(manifests, join(folder, 'tokenward/deploy/kubernetes'), { recursive: true });
      const mine = join(folder, 'mine');
      await mkdir(mine);
      for (const name of ['kustomization.yaml', 'config.yaml'])
        await writeFile(join(mine, name), shown(name));
      const objects = await rendered(mine);
      expect(await checkTypes(objects)).toEqual([]);
      const [workload] = workloadsIn(objects);
      if (workload === undefined) throw new Error('it has no pods');
      expect(tokenwardIn(workload.pod).image).toBe('registry.example.com/tokenward:0.1.0');
      expect(workload.pod.containers[0]?.image).toBe('registry.example.com/log-shipper:2.4.1');
      expect(configIn(objects)).toBe(shown('config.yaml'));
      // The same as that of the base, but for what has a good default.
      const base = configIn(await rendered('base'));
      expect(base).toBe(`state_dir: /var/lib/tokenward\nshutdown_grace: 25s\n${shown('config.yaml')}`);
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  });
});
