import { createHash } from 'node:crypto';
import { docker } from './docker.ts';
import { exclusively } from './exclusive.ts';

/** How an image is made. */
export interface Recipe {
  readonly name: string;
  /** All that the result depends on; an image with other content has another tag. */
  readonly content: string;
  make(tag: string): Promise<unknown>;
}

export function imageTag({ name, content }: Pick<Recipe, 'name' | 'content'>): string {
  const key = createHash('sha256').update(content).digest('hex').slice(0, 12);
  return `tokenward-tests/${name}:${key}`;
}

/**
 * Resolves to the tag of an image that is there now: found, or made. Several processes may ask at a time; one makes it and the
 * others wait.
 */
export async function ensureImage(recipe: Recipe): Promise<string> {
  const tag = imageTag(recipe);
  if (await isThere(tag)) return tag;
  await exclusively(`image-${recipe.name}`, async () => {
    if (!(await isThere(tag))) await recipe.make(tag);
  });
  return tag;
}

async function isThere(tag: string): Promise<boolean> {
  return (await docker(['image', 'ls', '--quiet', tag])) !== '';
}
