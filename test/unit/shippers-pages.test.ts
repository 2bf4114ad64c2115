import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { parseAllDocuments } from 'yaml';
import { parseConfig } from '../../src/config/parse.ts';
import { recipes, tokenwardConfig } from '../support/recipes.ts';
import { editorComplaints } from './config-editor.ts';

const folder = new URL('../../docs/shippers/', import.meta.url);
const index = readFileSync(new URL('README.md', folder), 'utf8');

const configurations = recipes().flatMap(({ name, files }) =>
  files
    .filter(({ path }) => path === tokenwardConfig)
    .map(({ section, content }) => [`${name}.md, ${section}`, content] as const),
);

const otherYaml = recipes().flatMap(({ name, files }) =>
  files
    .filter(({ path }) => /\.ya?ml$/.test(path) && path !== tokenwardConfig)
    .map(({ section, content }) => [`${name}.md, ${section}`, content] as const),
);

const pages = recipes().map(({ name, text }) => [name, text] as const);

describe('docs/shippers', () => {
  it.each(pages)(
    '%s.md is in the index, says whether it was run, and how to see that it works',
    (name, text) => {
      expect(index).toContain(`](${name}.md) |`);
      expect(text).toMatch(
        /^\*\*.*([Rr]uns? in this project's CI|Follows the (project|vendor)'s documentation)/m,
      );
      expect(text).toContain('\n## How to see that it works\n');
      expect(text).toMatch(/^\| when \|/m);
    },
  );

  it.each([['README', index] as const, ...pages])('%s.md links to pages that are there', (_, text) => {
    const links = [...text.matchAll(/\]\(([\w./-]+\.md)(?:#[\w-]+)?\)/g)].map(([, path = '']) => path);
    expect(links.filter((path) => !existsSync(new URL(path, folder)))).toEqual([]);
  });

  it.each(configurations)('%s has a configuration that tokenward and editors take', (_, content) => {
    expect(parseConfig(content, tokenwardConfig, {}).agents.map(({ name }) => name)).toEqual(['web-01']);
    expect(editorComplaints(content)).toEqual([]);
  });

  it.each(otherYaml)('%s has YAML for the shipper', (_, content) => {
    expect(parseAllDocuments(content).flatMap(({ errors }) => errors)).toEqual([]);
  });
});
