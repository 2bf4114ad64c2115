import { describe, expect, it } from 'vitest';
import yargs from 'yargs';
import { defineCommand } from '../../../src/cli/command.ts';
import type { Start } from '../../../src/cli/command.ts';

/** What a command is given of these arguments. */
async function given(...args: readonly string[]): Promise<unknown> {
  const seen: unknown[] = [];
  const command = defineCommand({
    usage: 'remove <what> [name..]',
    summary: 'remove things',
    description: 'Removes.',
    positionals: { what: { type: 'string' }, name: { type: 'string', array: true } },
    options: { agent: { type: 'string' } },
    examples: [],
    run: async ({ what, name, agent }) => void seen.push({ what, name, agent }),
  });
  let start: Start | null = null;
  const line = yargs()
    .exitProcess(false)
    .parserConfiguration({ 'parse-positional-numbers': false, 'duplicate-arguments-array': false });
  command.addTo(line, (selected) => (start = selected));
  await line.parseAsync(args);
  await (start as Start | null)?.(null as never, []);
  return seen[0];
}

describe('a command', () => {
  it('is given all of a list as it stands there', async () => {
    expect(await given('remove', 'it', 'a', '7', '-', 'b', '--agent', 'y')).toEqual({
      what: 'it',
      name: ['a', '7', '-', 'b'],
      agent: 'y',
    });
  });

  it('takes what begins with a dash for a name behind two dashes', async () => {
    expect(await given('remove', 'it', '--', '-a', '--b')).toMatchObject({ name: ['-a', '--b'] });
  });
});
