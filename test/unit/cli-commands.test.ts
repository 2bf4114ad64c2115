import { describe, expect, it } from 'vitest';
import { parseCommandLine } from '../../src/cli/command-line.ts';
import { commands } from '../../src/cli/commands.ts';

/** The arguments in the part of a line that is for tokenward: what comes before the shell takes over. */
function argumentsOf(line: string): readonly string[] {
  return (line.split(/ (?:&&|\||>|<) /)[0] ?? '').split(' ');
}

const examples = commands.flatMap(({ name, page }) =>
  page.examples.map(([line, what]) => ({ name, line, what })),
);

describe('every command', () => {
  it.each(commands.map(({ name, page }) => [name, page] as const))(
    '%s has a page with an example',
    (_name, page) => {
      expect(page.examples.length).toBeGreaterThan(0);
      expect(page.summary).toMatch(/^[a-z].*[^.]$/);
      expect(page.description).not.toBe('');
    },
  );

  it('has a name of its own', () => {
    const names = commands.map(({ name }) => name);
    expect(new Set(names).size).toBe(names.length);
  });
});

describe('the example', () => {
  it.each(examples)('$line is a command line of $name that is understood', async ({ name, line, what }) => {
    const args = argumentsOf(line);
    expect(args[0]).toBe(name);
    expect(what).not.toBe('');
    await expect(parseCommandLine(args, 'test')).resolves.toBeTypeOf('function');
  });

  it('would be noticed if it were wrong', async () => {
    await expect(parseCommandLine(['status', '--jsn'], 'test')).rejects.toMatchObject({ code: 'USAGE' });
  });
});

describe('an option', () => {
  const options = commands.flatMap(({ name, page }) =>
    Object.entries({ ...page.options, ...page.positionals }).map(
      ([option, table]) => [name, option, table] as const,
    ),
  );

  it.each(options)('%s %s says what it is for', (_name, _option, { describe: about }) => {
    expect(about).toMatch(/^\S.+[^.]$/s);
  });
});
