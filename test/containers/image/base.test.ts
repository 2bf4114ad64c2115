import { expect, it } from 'vitest';
import { eventually } from '../../support/eventually.ts';
import { nodeImage, systemdImage, systemdOptions } from '../support/base-images.ts';
import { describeContainers, docker } from '../support/docker.ts';

describeContainers('the images that others stand on', () => {
  it('have the Node of this machine', async () => {
    expect(await docker(['run', '--rm', await nodeImage(), 'node', '--version'])).toBe(process.version);
  });

  it('boot systemd', async () => {
    const id = await docker(['run', '--detach', '--rm', ...systemdOptions, await systemdImage()]);
    try {
      const state = () => docker(['exec', id, 'systemctl', 'is-system-running']);
      expect(await eventually(state, { withinMs: 30_000, everyMs: 100 })).toBe('running');
    } finally {
      await docker(['rm', '--force', id]);
    }
  });
});
