import type { OptionTable } from '../command.ts';

/** Options that the commands of an administrator have in common. */

export const serverOption = {
  agent: {
    type: 'string',
    requiresArg: true,
    describe: 'agent whose url and tls lead to the server [default: the only one that fits]',
  },
} as const satisfies OptionTable;

/** For what is destroyed by name. */
export const consentOptions = {
  'from-file': {
    type: 'string',
    requiresArg: true,
    describe:
      'revoke: names, one a line, with # before comments; or what an earlier run printed; - is standard input',
  },
  yes: { type: 'boolean', default: false, describe: 'revoke: do not ask first' },
  'dry-run': { type: 'boolean', default: false, describe: 'revoke: only show what would be done' },
} as const satisfies OptionTable;
