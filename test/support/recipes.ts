import { readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';

/** The pages below docs/shippers, and the files of which they show the content. */

export interface RecipeFile {
  /** The `##` heading that it stands under. */
  readonly section: string;
  /** Where it belongs on a host, such as `/etc/tokenward/config.yaml`. */
  readonly path: string;
  readonly content: string;
}

export interface Recipe {
  /** Of the page, without `.md`. */
  readonly name: string;
  readonly text: string;
  readonly files: readonly RecipeFile[];
}

export const tokenwardConfig = '/etc/tokenward/config.yaml';

const folder = join(import.meta.dirname, '../../docs/shippers');

/** A file is a fenced block below a line that has its path in backquotes and a colon. */
const shownFile = /^`(\/[^`]+)`:\n\n```[\w-]*\n(.*?)^```$/gms;

export function recipe(name: string): Recipe {
  const text = readFileSync(join(folder, `${name}.md`), 'utf8');
  const files = [...text.matchAll(shownFile)].map(({ index, 1: path = '', 2: content = '' }) => ({
    section:
      text
        .slice(0, index)
        .match(/^## .*$/gm)
        ?.at(-1)
        ?.slice(3) ?? '',
    path,
    content,
  }));
  return { name, text, files };
}

/** All of them, without the index. */
export function recipes(): readonly Recipe[] {
  const pages = readdirSync(folder).filter((name) => name.endsWith('.md') && name !== 'README.md');
  return pages.map((page) => recipe(basename(page, '.md')));
}
