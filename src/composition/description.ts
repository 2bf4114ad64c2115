import { TokenwardError } from '../domain/errors.ts';
import type { Disk } from '../ports/disk.ts';
import type { LoadDescription } from '../serve/dependencies.ts';

/** The OpenAPI document in a file beside the program: read at each request, so that an idle daemon does not carry it. */
export function descriptionIn(disk: Disk, path: string): LoadDescription {
  return async () => {
    const bytes = await disk.read(path);
    if (bytes !== null) return Buffer.from(bytes).toString('utf8');
    const advice = 'install the program again, with all of its files';
    throw new TokenwardError('INTERNAL', `the description of the API is not at ${path}; ${advice}`);
  };
}
