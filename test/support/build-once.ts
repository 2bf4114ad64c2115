import { join } from 'node:path';
import { build } from '../../scripts/build.ts';

/** End-to-end tests run the program that users run, made from the source as it is now. */
export function setup(): Promise<void> {
  return build(join(import.meta.dirname, '../../dist'));
}
