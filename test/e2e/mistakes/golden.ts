import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { inject } from 'vitest';
import type { Ran } from '../../support/run-program.ts';
import type { Mistake } from './mistake.ts';
import type { Place } from './place.ts';

/** What was typed and what was said to it, as a text that is kept. `UPDATE_GOLDEN=1` writes the texts anew. */

export const goldenFolder = join(import.meta.dirname, 'golden');
export const isUpdating = process.env['UPDATE_GOLDEN'] === '1' && process.env['CI'] !== 'true';

function goldenPath(name: string): string {
  return join(goldenFolder, `${name}.txt`);
}

/** null where there is none. */
export async function readGolden(name: string): Promise<string | null> {
  return readFile(goldenPath(name), 'utf8').catch(() => null);
}

export async function writeGolden(name: string, text: string): Promise<void> {
  await mkdir(goldenFolder, { recursive: true });
  await writeFile(goldenPath(name), text);
}

/** A screen as the user has it: the command line, what appeared, and the exit code. */
export function screen(mistake: Mistake, { stdout, stderr, exitCode }: Ran, place: Place): string {
  const { typed, env = {}, stdin, asStranger = false } = mistake;
  const variables = Object.entries(env).map(([name, value]) => `${name}=${value}`);
  const line = [...(asStranger ? ['sudo -u alice'] : []), ...variables, 'tokenward', typed];
  const input = stdin === undefined ? [] : ['< INPUT'];
  const command = `$ ${[...line, ...input].filter((word) => word !== '').join(' ')}\n`;
  return `${withPlaceholders(command, place)}${withPlaceholders(stdout + stderr, place)}exit code ${exitCode}\n`;
}

/** What differs from run to run, and from host to host. */
function withPlaceholders(text: string, { folder, servers }: Place): string {
  const ports = Object.entries(servers.byName).map(
    ([name, { port }]) => [`:${port}`, `:PORT-OF-${name}`] as const,
  );
  const uid = process.geteuid?.() ?? 0;
  const named: readonly (readonly [from: string, to: string])[] = [
    [folder, 'FOLDER'],
    ...ports,
    [inject('node'), '/usr/bin/node'],
    [inject('program'), '/opt/tokenward/tokenward.js'],
    // whoever runs the tests: the texts are kept as root has them
    [`sudo install -d -m 0755 -o ${uid} `, 'install -d -m 0755 '],
    [`sudo install -d -m 0700 -o ${uid} `, 'install -d -m 0700 '],
  ];
  return (
    named
      .reduce((result, [from, to]) => result.replaceAll(from, to), text)
      .replaceAll(/PORT-OF-\w+/g, 'PORT')
      .replaceAll(/\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z/g, 'TIME')
      .replaceAll(/(sha256:)[0-9a-f]{12,64}/g, '$1FINGERPRINT')
      // where no name server can be asked, nobody can say that there is no such host
      .replace(
        /no name server answered for (\S+): check this host's/,
        "the host name $1 does not exist: correct url, or this host's",
      )
      .replace(/(no keychain can be reached) \(.*?\)/, '$1 (REASON)')
      .replaceAll(/try again in \d+[smh0-9]*/g, 'try again in SPAN')
      .replaceAll(/"pid":\d+/g, '"pid":PID')
  );
}
