import type { Argv, InferredOptionTypes, Options } from 'yargs';
import { exitCodeHelp } from './exit-code-help.ts';
import type { Program } from './program.ts';

/** How a command describes itself: enough for its part of the command line, its help page, and running it. */

export type OptionTable = Readonly<Record<string, Options>>;

/** Options that every command has. */
export const globalOptions = {
  config: {
    type: 'string',
    requiresArg: true,
    describe: 'configuration file [default: $TOKENWARD_CONFIG, else /etc/tokenward/config.yaml]',
  },
} as const satisfies OptionTable;

/** The positional argument of most commands. */
export const agentArgument = {
  agent: { type: 'string', demandOption: true, describe: 'name of the agent, as in the configuration' },
} as const satisfies OptionTable;

export const jsonOption = {
  json: { type: 'boolean', default: false, describe: 'print JSON for programs' },
} as const satisfies OptionTable;

/** What the help page of a command says. The man page and the completion are made from it too. */
export interface CommandPage {
  /** Name and positional arguments as yargs writes them: `import <agent>`. */
  readonly usage: string;
  /** One line in the list of commands. */
  readonly summary: string;
  /** Lines end where they should. */
  readonly description: string;
  readonly positionals: OptionTable;
  readonly options: OptionTable;
  /** At least one: a command line, and what it does. */
  readonly examples: readonly (readonly [line: string, what: string])[];
  /** Told to a user who gives more arguments than there are; the arguments themselves are never repeated. */
  readonly tooMany?: string;
}

type CamelCase<Name extends string> = Name extends `${infer Head}-${infer Tail}`
  ? `${Head}${Capitalize<CamelCase<Tail>>}`
  : Name;

/** What the user gave. */
type Given<Table extends OptionTable> = {
  readonly [Name in keyof Table & string as CamelCase<Name>]: InferredOptionTypes<Table>[Name];
};

interface CommandDefinition<Positionals extends OptionTable, Flags extends OptionTable> extends CommandPage {
  readonly positionals: Positionals;
  readonly options: Flags;
  /** Resolves when done; rejects with a `TokenwardError`, whose class becomes the exit code. */
  readonly run: (
    given: Given<Positionals> & Given<Flags> & Given<typeof globalOptions>,
    program: Program,
    commands: readonly Command[],
  ) => Promise<void>;
}

/** A command ready to be run with what was given, and told of all commands that there are. */
export type Start = (program: Program, commands: readonly Command[]) => Promise<void>;

export interface Command {
  readonly name: string;
  readonly page: CommandPage;
  /** Adds the command to the command line; `select` is called when the user gave this one. */
  readonly addTo: (commandLine: Argv, select: (start: Start) => void) => void;
}

/** Checks a definition's types, and hides them: a table of commands holds commands of every kind. */
export function defineCommand<const Positionals extends OptionTable, const Flags extends OptionTable>(
  definition: CommandDefinition<Positionals, Flags>,
): Command {
  const { usage, summary, run } = definition;
  const [name = ''] = usage.split(' ');
  const list = listIn(usage);
  return {
    name,
    page: definition,
    addTo: (commandLine, select) => {
      commandLine.command(
        usage.replace(listPattern, ''),
        summary,
        (page) => describe(page, definition),
        (parsed) => {
          const given = list === null ? parsed : { ...parsed, [list]: parsed._.slice(1) };
          // The compiler cannot see that yargs filled in what the tables ask for.
          select((program, commands) =>
            run(given as unknown as Parameters<typeof run>[0], program, commands),
          );
        },
      );
    },
  };
}

/** The arguments that may follow the others, as many as there are: ` [name..]`. */
const listPattern = / \[([a-z-]+)\.\.\]$/;

/** yargs would lose `-` from such a list, and what stands behind `--`; so what it leaves over is taken. */
function listIn(usage: string): string | null {
  return listPattern.exec(usage)?.[1] ?? null;
}

function describe(
  page: Argv,
  { usage, description, positionals, options, examples, tooMany }: CommandPage,
): Argv {
  page
    .usage(`$0 ${usage} [options]\n\n${description}`)
    .options(options)
    .group(Object.keys(options), 'Options:');
  for (const [name, positional] of Object.entries(positionals)) {
    const { describe: about, choices } = positional;
    page.positional(name, { type: 'string', describe: about, ...(choices !== undefined && { choices }) });
  }
  for (const [line, what] of examples) page.example(`$0 ${line}`, what);
  return page
    .demandCommand(
      0,
      listIn(usage) === null ? 0 : Number.MAX_SAFE_INTEGER,
      '',
      tooMany ?? 'there are more arguments than this command takes',
    )
    .epilogue(exitCodeHelp);
}
