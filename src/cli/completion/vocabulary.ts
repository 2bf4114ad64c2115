import { globalOptions, type Command, type OptionTable } from '../command.ts';

/** What can be completed, drawn from the table of commands: nothing here names a command or an option of one. */

/** What stands for a value. `other`: nothing can be offered. */
export type Values =
  | { readonly kind: 'words'; readonly words: readonly string[] }
  | { readonly kind: 'file' | 'folder' | 'agent' | 'other' };

export interface OptionWords {
  /** As they are written: `--help`, `-h`. */
  readonly flags: readonly string[];
  readonly about: string;
  /** null for a switch. */
  readonly values: Values | null;
}

export interface ArgumentWords {
  readonly name: string;
  readonly values: Values;
  /** Whether more of the same may follow. */
  readonly repeats: boolean;
}

export interface CommandWords {
  readonly name: string;
  readonly about: string;
  readonly options: readonly OptionWords[];
  readonly arguments: readonly ArgumentWords[];
}

export interface Vocabulary {
  readonly commands: readonly CommandWords[];
  /** Options of every command. */
  readonly everywhere: readonly OptionWords[];
}

export function vocabularyOf(commands: readonly Command[]): Vocabulary {
  return {
    commands: commands.map(({ name, page }) => ({
      name,
      about: page.summary,
      options: optionsOf(page.options),
      arguments: argumentsOf(page.usage, page.positionals),
    })),
    everywhere: [
      ...optionsOf(globalOptions),
      { flags: ['--help', '-h'], about: 'print this help', values: null },
      { flags: ['--version'], about: 'print the version', values: null },
    ],
  };
}

/** Every option that takes a value, whichever command it belongs to. */
export function valueFlags({ commands, everywhere }: Vocabulary): readonly string[] {
  const options = [...everywhere, ...commands.flatMap((command) => command.options)];
  return [...new Set(options.filter(({ values }) => values !== null).flatMap(({ flags }) => flags))];
}

function optionsOf(table: OptionTable): readonly OptionWords[] {
  return Object.entries(table)
    .filter(([, option]) => option.hidden !== true)
    .map(([name, option]) => ({
      flags: [name, ...[option.alias ?? []].flat()].map((flag) =>
        flag.length === 1 ? `-${flag}` : `--${flag}`,
      ),
      about: inShort(option.describe),
      values: option.type === 'boolean' ? null : valuesOf(name, option),
    }));
}

/** In the order in which the usage has them: `revoke <name..>`. */
function argumentsOf(usage: string, table: OptionTable): readonly ArgumentWords[] {
  return [...usage.matchAll(/[<[]([a-z-]+)(\.\.)?[>\]]/g)].map(([, name = '', dots]) => ({
    name,
    values: valuesOf(name, table[name] ?? {}),
    repeats: dots !== undefined,
  }));
}

/** An option says by its name what its value is, as the keys of the configuration do. */
export function valuesOf(name: string, { choices }: OptionTable[string]): Values {
  if (choices !== undefined) return { kind: 'words', words: choices.map(String) };
  if (/(?:^|-)agent$/.test(name)) return { kind: 'agent' };
  if (/(?:^|-)(?:file|ca|config|out)$/.test(name)) return { kind: 'file' };
  return { kind: /(?:^|-)dir$/.test(name) ? 'folder' : 'other' };
}

/** Without the default and what is said on the side. */
function inShort(about = ''): string {
  return about.replace(/ \[default.*$|;.*$/s, '');
}
