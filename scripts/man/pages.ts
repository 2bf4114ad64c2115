import { programDescription } from '../../src/cli/command-line.ts';
import { globalOptions, type Command, type OptionTable } from '../../src/cli/command.ts';
import { commands } from '../../src/cli/commands.ts';
import { valuesOf } from '../../src/cli/completion/vocabulary.ts';
import { environmentVariables, files } from '../../src/cli/environment-help.ts';
import { exitCodeMeanings } from '../../src/cli/exit-code-help.ts';
import { bold, escape, italic, item, paragraphs, section, verbatim } from './roff.ts';

/** The man pages, made of what `--help` is made of: nothing about a command is written here. */

export interface Edition {
  readonly version: string;
  /** ISO 8601, the day only. */
  readonly date: string;
}

/** The pages by their file names. `exampleConfig` is the text of config.example.yaml. */
export function manPages(edition: Edition, exampleConfig: string): ReadonlyMap<string, string> {
  return new Map([
    ['tokenward.1', page('TOKENWARD', 1, edition, programPage())],
    ...commands.map((command): [string, string] => [
      `tokenward-${command.name}.1`,
      page(`TOKENWARD-${command.name.toUpperCase()}`, 1, edition, commandPage(command)),
    ]),
    ['tokenward-config.5', page('TOKENWARD-CONFIG', 5, edition, configPage(exampleConfig))],
  ]);
}

function page(title: string, number: number, { version, date }: Edition, body: readonly string[]): string {
  const heading = `.TH ${escape(title)} ${number} ${date} "tokenward ${escape(version)}" "tokenward manual"`;
  return `${['.\\" Made from the command line of tokenward by scripts/man.ts.', heading, ...body].join('\n')}\n`;
}

function programPage(): string[] {
  return [
    ...section('NAME', `tokenward \\- ${escape('keep an ingestion agent supplied with access tokens')}`),
    ...section('SYNOPSIS', `${bold('tokenward')} ${italic('COMMAND')} [${italic('options')}]`),
    ...section('DESCRIPTION', ...paragraphs(programDescription)),
    ...section(
      'COMMANDS',
      ...commands.flatMap(({ name, page: { summary } }) => item(reference(name), summary)),
    ),
    ...section('OPTIONS', ...sharedOptions()),
    ...surroundings(),
    ...section(
      'EXAMPLES',
      ...commands.flatMap(({ page: { examples } }) => examples.slice(0, 1).flatMap(exampleItem)),
    ),
    ...seeAlso(commands.map(({ name }) => `tokenward-${name}`)),
  ];
}

function commandPage({
  name,
  page: { usage, summary, description, positionals, options, examples },
}: Command): string[] {
  const [, ...parts] = usage.split(' ');
  const given = parts.map((part) =>
    escape(part.replaceAll(/[<>]/g, '')).replace(/[a-z-]+/, (argument) => italic(argument)),
  );
  const own = optionItems(options);
  return [
    ...section('NAME', `tokenward\\-${escape(name)} \\- ${escape(summary)}`),
    ...section('SYNOPSIS', [bold(`tokenward ${name}`), ...given, `[${italic('options')}]`].join(' ')),
    ...section('DESCRIPTION', ...paragraphs(description)),
    ...section('OPTIONS', ...positionalItems(positionals), ...own, ...sharedOptions()),
    ...surroundings(),
    ...section('EXAMPLES', ...examples.flatMap(exampleItem)),
    ...seeAlso(['tokenward']),
  ];
}

function configPage(exampleConfig: string): string[] {
  return [
    ...section('NAME', `tokenward-config \\- ${escape('the configuration of tokenward')}`),
    ...section('SYNOPSIS', escape(files[0]?.[0] ?? '')),
    ...section(
      'DESCRIPTION',
      'Every key, with its default or an example, as in config.example.yaml.',
      ...verbatim(exampleConfig.trimEnd().split('\n')),
    ),
    ...seeAlso(['tokenward', 'tokenward-check']),
  ];
}

function positionalItems(table: OptionTable): string[] {
  return Object.entries(table).flatMap(([name, { describe = '', choices }]) =>
    item(italic(name), withChoices(describe, choices)),
  );
}

function optionItems(table: OptionTable): string[] {
  return Object.entries(table)
    .filter(([, { hidden }]) => hidden !== true)
    .flatMap(([name, option]) => {
      const names = [name, ...[option.alias ?? []].flat()].map((each) =>
        bold(each.length === 1 ? `-${each}` : `--${each}`),
      );
      const value = option.type === 'boolean' ? '' : ` ${italic(valueName(name, option))}`;
      const about = withChoices(option.describe ?? '', option.choices);
      return item(`${names.join(', ')}${value}`, withDefault(about, option.default));
    });
}

/** What stands for the value of an option: `file`, or else what the option is about. */
function valueName(name: string, option: OptionTable[string]): string {
  const { kind } = valuesOf(name, option);
  return kind === 'file' || kind === 'folder' ? kind : name;
}

function withChoices(about: string, choices: readonly unknown[] = []): string {
  return choices.length === 0
    ? about
    : `${about}: ${choices.map((choice) => `\`${String(choice)}\``).join(', ')}`;
}

function withDefault(about: string, value: unknown): string {
  return typeof value === 'string' ? `${about} [default: ${value}]` : about;
}

function sharedOptions(): string[] {
  return [
    ...optionItems(globalOptions),
    ...item(`${bold('-h')}, ${bold('--help')}`, 'print the help'),
    ...item(bold('--version'), 'print the version'),
  ];
}

function surroundings(): string[] {
  return [
    ...section('EXIT STATUS', ...exitCodeMeanings.flatMap(([code, meaning]) => item(String(code), meaning))),
    ...section(
      'ENVIRONMENT',
      ...environmentVariables.flatMap(([name, meaning]) => item(bold(name), meaning)),
    ),
    ...section('FILES', ...files.flatMap(([path, meaning]) => item(italic(path), meaning))),
  ];
}

function exampleItem([command, what]: readonly [string, string]): string[] {
  return item(bold(`tokenward ${command}`), what);
}

function reference(command: string): string {
  return `${bold(`tokenward-${command}`)}(1)`;
}

function seeAlso(pages: readonly string[]): string[] {
  const names = [...pages.map((name) => `${bold(name)}(1)`), `${bold('tokenward-config')}(5)`];
  return section('SEE ALSO', names.join(',\n'));
}
