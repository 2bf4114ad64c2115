import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

const timeoutMs = 5_000;

/** The groups of a user, as a login would give them (id(1) asks every source of the host); null for a user that no source knows. */
export async function groupsOfUser(nameOrNumber: string): Promise<readonly number[] | null> {
  try {
    const { stdout } = await promisify(execFile)('id', ['-G', '--', nameOrNumber], { timeout: timeoutMs });
    return stdout.trim().split(' ').map(Number);
  } catch {
    // no such user, no such program, or a directory service that does not answer: its groups are not known in any case
    return null;
  }
}
