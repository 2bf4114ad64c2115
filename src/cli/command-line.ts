import yargs, { type Argv } from 'yargs';
import { type Command, globalOptions, type Start } from './command.ts';
import { commands } from './commands.ts';
import { environmentHelp } from './environment-help.ts';
import { exitCodeHelp } from './exit-code-help.ts';
import { watchOutput } from './output.ts';
import type { Program } from './program.ts';
import { commandMeantBy } from './synonyms.ts';
import { usageError } from './usage-error.ts';

/** Runs the command that the arguments name. Rejects with a `TokenwardError`; `USAGE` where they cannot be understood. */
export async function runCommandLine(args: readonly string[], program: Program): Promise<void> {
  const allPrinted = watchOutput();
  const start = await parseCommandLine(args, program.version);
  try {
    await start?.(program, commands);
  } catch (error) {
    // what was printed before the failure counts too, such as what is still to be done; the failure is the one to tell
    await allPrinted().catch(() => {});
    throw error;
  }
  await allPrinted();
}

/** null where the arguments asked for help or the version, which are printed by then. Rejects `USAGE`. */
export async function parseCommandLine(args: readonly string[], version: string): Promise<Start | null> {
  let selected: Start | null = null;
  const command = commandAmong(args);
  const options = knownOptions(command);
  const line = createCommandLine(version).fail((complaint, error) => {
    const stranger = complaint === noCommand ? strangerAmong(args, options) : null;
    const told = stranger === null ? (complaint ?? error.message) : `Unknown argument: ${stranger}`;
    const meant = command === null ? commandMeantBy(args.find((arg) => !arg.startsWith('-')) ?? '') : null;
    const complaintOrHint = meant === null ? told : `Did you mean ${meant}?`;
    throw usageError(complaintOrHint, command?.name ?? null, options, firstArgument(command));
  });
  for (const { addTo } of commands) addTo(line, (start) => (selected = start));
  await line.parseAsync(args);
  return selected;
}

/** The first argument that is the name of a command: good enough for advice. */
function commandAmong(args: readonly string[]): Command | null {
  const named = args.map((arg) => commands.find(({ name }) => name === arg));
  return named.find((command) => command !== undefined) ?? null;
}

/** What a command needs first, in words: the name of the agent, where nothing else is known. */
function firstArgument(command: Command | null): string | undefined {
  const [, name] = /<([a-z-]+)>/.exec(command?.page.usage ?? '') ?? [];
  const choices = command?.page.positionals[name ?? '']?.choices;
  if (name === undefined || choices === undefined) return undefined;
  return `the argument ${name} (${choices.join(', ')})`;
}

function knownOptions(command: Command | null): readonly string[] {
  return [...Object.keys(globalOptions), ...Object.keys(command?.page.options ?? {}), 'help', 'version'];
}

/** The first long option that nobody knows; yargs looks for a command first, and would only miss that. */
function strangerAmong(args: readonly string[], options: readonly string[]): string | null {
  const names = args.flatMap((arg) => /^--([^=]+)/.exec(arg)?.[1] ?? []);
  return names.find((name) => !options.includes(name)) ?? null;
}

const commandNames = commands.map(({ name }) => name).join(', ');
const noCommand = `name a command: ${commandNames}`;

function createCommandLine(version: string): Argv {
  return yargs()
    .scriptName('tokenward')
    .locale('en')
    .parserConfiguration({
      'boolean-negation': false,
      'dot-notation': false,
      'duplicate-arguments-array': false,
      'parse-positional-numbers': false,
      'short-option-groups': false,
    })
    .usage(`$0 COMMAND [options]\n\n${programDescription}`)
    .options(globalOptions)
    .help()
    .alias('help', 'h')
    .version(version)
    .describe('version', 'print the version')
    .describe('help', 'print this help')
    .group(['config', 'help', 'version'], 'Options of every command:')
    .example('$0 COMMAND --help', 'explain a command, with examples')
    .demandCommand(1, 0, noCommand, `unknown command; there are ${commandNames}`)
    .recommendCommands()
    .strictOptions()
    .showHelpOnFail(false)
    .exitProcess(false)
    .wrap(Math.min(100, process.stdout.columns ?? 100))
    .epilogue(`${environmentHelp}\n\n${exitCodeHelp}`);
}

export const programDescription = `tokenward holds the secret of an ingestion agent, exchanges it for short-lived access tokens,
keeps every rotated secret safe, and hands the current token to log shippers.`;
