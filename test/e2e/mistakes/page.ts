import { join } from 'node:path';
import { readGolden } from './golden.ts';
import type { Mistake } from './mistake.ts';
import { chapters } from './mistakes.ts';

/** `docs/mistakes.md`, which is made of the golden texts. */

export const pagePath = join(import.meta.dirname, '../../../docs/mistakes.md');

const beginning = `# Mistakes

What is typed or configured wrongly most often, and what tokenward says to it: the cause, and what to do next. Every message
ends with a code, which [errors.md](errors.md) explains. This page is made of what the tests have seen
(\`test/e2e/mistakes\`), so it is what this version says.

Here the configuration is \`/etc/tokenward/config.yaml\`, and relative paths in it count from that folder.
`;

export async function mistakesPage(): Promise<string> {
  const parts = await Promise.all(
    chapters.map(async ([title, mistakes]) => [`## ${title}`, ...(await Promise.all(mistakes.map(section)))]),
  );
  return `${[beginning.trimEnd(), ...parts.flat()].join('\n\n')}\n`;
}

async function section({ name, title }: Mistake): Promise<string> {
  const lines = ((await readGolden(name)) ?? '').trimEnd().split('\n');
  return [`### ${title.charAt(0).toUpperCase()}${title.slice(1)}`, '', '```', ...lines.filter(isOfUse), '```']
    .join('\n')
    .replaceAll('FOLDER', '/etc/tokenward');
}

/** Neither what is fine, nor the log of a daemon, nor that there was an error. */
function isOfUse(line: string): boolean {
  return !/^(\{|ok |tokenward: \d+ errors? with |exit code )/.test(line);
}
