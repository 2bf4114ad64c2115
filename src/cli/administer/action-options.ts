import { TokenwardError } from '../../domain/errors.ts';
import { listed } from '../lookup.ts';

/** Options of a command that are for some of its actions only, each with those. */
export type ActionOptions<Action extends string> = Readonly<Record<string, readonly Action[]>>;

/** Throws `USAGE` for an option that the action would not heed. `given` has the options by their names in the code. */
export function assertHeeded<Action extends string>(
  command: string,
  action: Action,
  given: object,
  options: ActionOptions<Action>,
): void {
  for (const [option, actions] of Object.entries(options)) {
    const name = option.replaceAll(/-([a-z])/g, (_, letter: string) => letter.toUpperCase());
    const value = (given as Readonly<Record<string, unknown>>)[name];
    if (value === undefined || value === false || actions.includes(action)) continue;
    const where = actions.map((each) => `\`${command} ${each}\``).join(' and ');
    throw new TokenwardError('USAGE', `--${option} is for ${where}, and means nothing to ${action}`);
  }
}

/** Throws `USAGE` where names are given to what takes none. */
export function assertNoNames(command: string, names: readonly string[]): void {
  if (names.length === 0) return;
  throw new TokenwardError(
    'USAGE',
    `${command} takes no names; see \`tokenward ${command.split(' ')[0]} --help\``,
  );
}

/** A few of many, for a question. */
export function someOf(names: readonly string[]): string {
  return listed(names);
}
