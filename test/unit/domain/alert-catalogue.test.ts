import { globSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { runbooksPage } from '../../../scripts/runbooks/page.ts';
import { alertCatalogue, isAlertCode, runbookAnchor } from '../../../src/domain/alert-catalogue.ts';
import { errorClasses } from '../../../src/domain/errors.ts';

const page = readFileSync(new URL('../../../docs/runbooks.md', import.meta.url), 'utf8');
const sections = new Map(
  page
    .split(/^## /m)
    .slice(1)
    .map((section): [string, string] => [section.slice(0, section.indexOf('\n')), section]),
);

describe('docs/runbooks.md', () => {
  it('is what `npm run published` makes', () => {
    expect(page === runbooksPage()).toBe(true);
  });

  it('has a heading for every alert, and no other', () => {
    expect([...sections.keys()]).toEqual(Object.keys(alertCatalogue));
  });

  it.each(Object.entries(alertCatalogue))('says all that the catalogue has of %s', (code, entry) => {
    const section = sections.get(code) ?? '';
    for (const text of [...entry.severities, entry.summary, entry.meaning, ...entry.steps])
      expect(section).toContain(text);
  });
});

describe('the catalogue of alerts', () => {
  it('is in the order of the codes', () => {
    const order = Object.keys(errorClasses);
    const places = Object.keys(alertCatalogue).map((code) => order.indexOf(code));
    expect(places).toEqual(places.toSorted((a, b) => a - b));
  });

  it.each(Object.values(alertCatalogue))('has a headline and whole sentences: $summary', (entry) => {
    expect(entry.summary).toMatch(/^[a-z].*[^.]$/);
    for (const text of [entry.meaning, ...entry.steps]) expect(text).toMatch(/^[A-Zt].*\.$/);
  });

  it('has every code that is raised as an alert somewhere in the source', () => {
    const root = new URL('../../../src/', import.meta.url).pathname;
    const text = ['domain/*.ts', 'daemon/*.ts', 'platform/http/*.ts']
      .flatMap((files) => globSync(files, { cwd: root }))
      .map((file) => readFileSync(root + file, 'utf8'))
      .join('\n');
    const raised = [
      ...text.matchAll(
        /\b(?:alert|daemonAlert|began|unreachable|blocked|notSent)\((?:[^()']*, )?(?:`[^`]*`, )?'([A-Z_]+)'/g,
      ),
    ].map(([, code = '']) => code);
    expect(raised).toEqual(
      expect.arrayContaining(['IN_DOUBT', 'TOKEN_EXPIRING', 'FILE_TAMPERED', 'CONFIG_INVALID']),
    );
    expect(raised.filter((code) => !isAlertCode(code))).toEqual([]);
  });

  it('leads to the heading of a code, and to none where a code has none', () => {
    expect(runbookAnchor('TOKEN_EXPIRING')).toBe('#token_expiring');
    expect(runbookAnchor('USAGE')).toBe('');
  });
});
