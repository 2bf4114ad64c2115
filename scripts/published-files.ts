/**
 * `npm run published`: writes the files at the top of the repository that are made from the source and lie beside the program
 * when it is installed, the table of keys in docs/configuration.md, and docs/runbooks.md. The build makes the former anew; tests hold what is
 * committed to the source.
 */
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { configJsonSchema } from './config-schema/generate.ts';
import { withReference } from './config-schema/reference.ts';
import { openApiDocument } from './openapi/document.ts';
import { runbooksPage } from './runbooks/page.ts';

/** Contents by name. */
export async function publishedFiles(root: string): Promise<Readonly<Record<string, string>>> {
  const { version } = JSON.parse(await readFile(join(root, 'package.json'), 'utf8')) as { version: string };
  return {
    'openapi.json': text(openApiDocument(version)),
    'config.schema.json': text(configJsonSchema()),
  };
}

function text(document: object): string {
  return `${JSON.stringify(document, null, 2)}\n`;
}

if (import.meta.main) {
  const root = join(import.meta.dirname, '..');
  const page = join(root, 'docs/configuration.md');
  await writeFile(page, withReference(await readFile(page, 'utf8')));
  await writeFile(join(root, 'docs/runbooks.md'), runbooksPage());
  for (const [name, content] of Object.entries(await publishedFiles(root)))
    await writeFile(join(root, name), content);
}
