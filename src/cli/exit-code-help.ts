import { exitCodes } from '../domain/errors.ts';

const meanings = {
  usage: 'the command line or the input is wrong',
  unavailable: 'the server or the daemon cannot be reached',
  'try-again': 'not now; try again later',
  refused: 'the server or the daemon refused',
  configuration: 'the configuration or the state needs a person',
  bug: 'a bug in tokenward',
} as const satisfies Record<keyof typeof exitCodes, string>;

/** Every exit code and what it means, in the order of the numbers. */
export const exitCodeMeanings: readonly (readonly [code: number, meaning: string])[] = [
  [0, 'done'] as const,
  ...Object.entries(meanings).map(
    ([name, meaning]) => [exitCodes[name as keyof typeof exitCodes], meaning] as const,
  ),
].toSorted(([a], [b]) => a - b);

/** Ends every help page. */
export const exitCodeHelp = [
  'Exit codes:',
  ...exitCodeMeanings.map(([code, meaning]) => `  ${String(code).padStart(2)}  ${meaning}`),
].join('\n');
