import type { Severity } from './status.ts';

/** The part of the catalogue that is about files and hooks: what comes in by a file, and what goes out. */

export interface CatalogueEntry {
  /** Those that it can have, the milder first. */
  readonly severities: readonly [Severity, ...Severity[]];
  /** A few words, for a headline. */
  readonly summary: string;
  readonly meaning: string;
  /** In the order in which to do it. */
  readonly steps: readonly [string, ...string[]];
}

export const fileAlerts = {
  SECRET_FILE_UNUSABLE: {
    severities: ['warning'],
    summary: 'a secret file cannot be read',
    meaning:
      'The watched `secret_file` cannot be read, so a new secret that is dropped there is not seen. The secret in use stands.',
    steps: ['Mend what the alert names: the path, the owner, the mode or the contents of the file.'],
  },
  FILE_TAMPERED: {
    severities: ['warning'],
    summary: 'a token file was changed by another process',
    meaning: 'Another process removed or altered a token file. It was restored.',
    steps: [
      'Find out who writes there: `ausearch`, `fatrace`, or the configuration of the shipper.',
      'Only tokenward writes a token file; whoever reads it needs no write permission in its folder.',
    ],
  },
  OUTPUT_FAILED: {
    severities: ['warning'],
    summary: 'a token could not be written to an output',
    meaning: 'The file keeps an older token, which ends. It is tried again.',
    steps: [
      'Mend what the alert names: the folder, its owner, or the disk. `tokenward check` looks at each.',
    ],
  },
  HOOK_FAILED: {
    severities: ['warning'],
    summary: 'a hook keeps failing',
    meaning:
      'The new token is in its files, but the program that should take it up could not be told: eight tries failed, or a quarter of the time is over that the token before still had. A program that reads its file only when it is told goes on with that token, and is refused when it ends. It is tried again until it succeeds.',
    steps: [
      'Mend what the alert names: the pid file, the address or the program. `tokenward check` looks at them.',
      'Run by hand what the hook does, as the user of the daemon: `sudo -u tokenward …`.',
      'Where the hook is wrong, correct it in the configuration: saving the file runs the corrected one at once.',
    ],
  },
} as const satisfies Readonly<Record<string, CatalogueEntry>>;
