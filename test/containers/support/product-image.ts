import { join } from 'node:path';
import { nodeImage } from './base-images.ts';
import { docker } from './docker.ts';
import { ensureImage, imageTag, type Recipe } from './images.ts';

const root = join(import.meta.dirname, '../../..');

/** Environment variable with what tells the runs of tests apart; set by the global set-up. */
export const runVariable = 'TOKENWARD_TEST_RUN';

const recipe = (): Recipe => ({
  name: 'tokenward',
  content: process.env[runVariable] ?? '',
  async make(tag) {
    await docker(['build', '--build-arg', `NODE_IMAGE=${await nodeImage()}`, '--tag', tag, root]);
  },
});

/** What the Dockerfile makes of the source as it is now; built once in a run. */
export const productImage = (): Promise<string> => ensureImage(recipe());

/** Its layers stay, and make the next build short. */
export async function removeProductImage(): Promise<void> {
  const tag = imageTag(recipe());
  if ((await docker(['image', 'ls', '--quiet', tag])) !== '')
    await docker(['image', 'rm', '--no-prune', tag]);
}
