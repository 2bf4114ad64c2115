import { cp, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'vitest';
import { it } from 'vitest';
import { eventually } from '../../support/eventually.ts';
import { describePart } from '../../support/parts.ts';
import { runProgram } from '../../support/run-program.ts';
import { systemdImage } from '../support/base-images.ts';
import { ContainerSite } from '../support/container-site.ts';
import { describeContainers, dockerEnv } from '../support/docker.ts';

const example = join(import.meta.dirname, '../../../deploy/compose');

/** The example as it is, but for the images' names, the server's address and its authority. */
async function composeOf(site: ContainerSite) {
  const configuration = join(site.folder, 'tokenward');
  await cp(join(example, 'tokenward'), configuration, { recursive: true });
  await writeFile(join(configuration, 'ca.pem'), site.ca);
  const env = {
    ...dockerEnv(),
    TOKENWARD_IMAGE: site.image,
    SHIPPER_IMAGE: await systemdImage(), // which has curl
    TOKENWARD_CONFIG_DIR: configuration,
    LOGS_URL: site.emulator.url,
  };
  const project = [
    '--project-name',
    site.name,
    '--project-directory',
    example,
    '--file',
    join(example, 'compose.yaml'),
  ];
  return async (args: readonly string[], stdin?: string): Promise<string> => {
    const { exitCode, stdout, stderr } = await runProgram('docker-compose', [...project, ...args], {
      env,
      stdin,
    });
    if (exitCode !== 0) throw new Error(`docker-compose ${args.join(' ')} ended with ${exitCode}: ${stderr}`);
    return stdout;
  };
}

describeContainers('deploy/compose', () => {
  describePart(['docker-compose'], 'with docker-compose', () => {
    it('ships events with tokens from the shared folder, through rotations', async () => {
      await using site = await ContainerSite.create();
      const compose = await composeOf(site);
      await using _ = {
        [Symbol.asyncDispose]: async () => void (await compose(['down', '--volumes', '--timeout', '5'])),
      };
      await compose(
        ['run', '--rm', '-T', 'tokenward', 'import', 'web-01'],
        site.emulator.createSecret('web-01'),
      );
      await compose(['up', '--detach']);

      const shown = () => site.emulator.state().clients['web-01']?.tokens ?? 0;
      const patience = { withinMs: 60_000, everyMs: 200 };
      await eventually(() => expect(shown()).toBe(1), patience);
      await compose(['exec', '-T', 'tokenward', 'tokenward', 'refresh', 'web-01']);
      await eventually(() => expect(shown()).toBe(2), patience);
      expect(site.emulator.state().events.rejectedRequests).toBe(0);
    });
  });
});
