import { TokenwardError } from '../domain/errors.ts';
import type { Secret } from '../domain/secret.ts';
import type { OptionTable } from './command.ts';
import { readSecret, readSecretFile } from './secret-input.ts';

/** The credential of whoever administers the server: from a file, standard input or a hidden prompt, used once, and never kept. */

export const adminCredentialOption = {
  'admin-token-file': {
    type: 'string',
    requiresArg: true,
    describe: "file with the administrator's credential; - is standard input [default: a hidden prompt]",
  },
} as const satisfies OptionTable;

const what = 'credential of the administrator';

/** `command` is what was called, for advice. Rejects `SECRET_INPUT_INVALID`, and `USAGE` where there is nobody to ask. */
export function adminCredential(command: string, file: string | undefined): Promise<Secret> {
  const how = `tokenward ${command} --admin-token-file FILE`;
  if (file !== undefined) return readSecretFile(file, what);
  if (process.stdin.isTTY) return readSecret(what, how);
  const advice = `run \`${how}\`, with - for standard input`;
  throw new TokenwardError('USAGE', `there is no terminal at which to ask for the ${what}; ${advice}`);
}
