import { nearest } from '../config/nearest.ts';
import { TokenwardError } from '../domain/errors.ts';

/**
 * What yargs finds wrong with a command line, in our words. Arguments are not repeated: somebody may have put a secret
 * there, and what goes to standard error often ends in a log. `missing` is what the command needs first.
 */
export function usageError(
  complaint: string,
  command: string | null,
  options: readonly string[],
  missing = 'the name of the agent',
): TokenwardError {
  const help = command === null ? 'tokenward --help' : `tokenward ${command} --help`;
  return new TokenwardError('USAGE', `${inOurWords(complaint, options, missing)}; see \`${help}\``);
}

function inOurWords(complaint: string, options: readonly string[], missing: string): string {
  const [, unknownOption] = /^Unknown arguments?: ([^,]*)/.exec(complaint) ?? [];
  if (unknownOption !== undefined) return unknown(unknownOption, options);
  const [, unknownCommand] = /^Did you mean (.*)\?$/.exec(complaint) ?? [];
  if (unknownCommand !== undefined) return `unknown command; did you mean \`tokenward ${unknownCommand}\`?`;
  const [, withoutValue] = /^Not enough arguments following: (.*)$/.exec(complaint) ?? [];
  if (withoutValue !== undefined) return `the option --${withoutValue} needs a value`;
  if (complaint.startsWith('Not enough non-option arguments')) return `${missing} is missing`;
  const [, name, choices] = /Argument: (\S+), Given: .*, Choices: (.*)$/s.exec(complaint) ?? [];
  if (name === undefined) return complaint;
  return `${options.includes(name) ? `the option --${name}` : `the argument ${name}`} takes one of ${choices}`;
}

const neverArgument =
  'a secret is never an argument, where every process can see it: take it for known, and give a fresh one on standard input or in a file';

/** What does not look like the name of an option is not shown either: `-sSECRET` is such a one. */
function unknown(name: string, options: readonly string[]): string {
  if (name.length === 1) return unknownLetter(name, options);
  const shown = /^[a-z]{2}[a-z-]{0,30}$/.test(name) ? ` --${name}` : '';
  const meant = nearest(name, options);
  const advice = [
    ...(meant === null ? [] : [`did you mean --${meant}?`]),
    ...(/secret|token|passw/.test(name) && !options.includes(name) ? [neverArgument] : []),
  ];
  return [`unknown option${shown}`, ...advice].join('; ');
}

/** Options have whole names here, but for `-h`. */
function unknownLetter(letter: string, options: readonly string[]): string {
  const meant = options.filter((option) => option.startsWith(letter.toLowerCase()));
  const advice = meant.length === 1 ? `; did you mean --${meant[0]}?` : '';
  return `unknown option -${letter}${advice}`;
}
