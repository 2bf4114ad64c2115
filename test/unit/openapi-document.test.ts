import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Validator } from '@seriousme/openapi-schema-validator';
import addFormats from 'ajv-formats';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { describe, expect, it } from 'vitest';
import { publishedFiles } from '../../scripts/published-files.ts';
import { errorClasses } from '../../src/domain/errors.ts';
import { recoveryActionNames } from '../../src/domain/recovery-report.ts';
import { document, paths, schemaComplaints } from '../support/api/strict-document.ts';

const root = join(import.meta.dirname, '../..');

/** A part of the document with the way to it. */
type Part = readonly [at: string, value: Readonly<Record<string, unknown>>];

function partsOf(value: unknown, at = '#'): readonly Part[] {
  if (typeof value !== 'object' || value === null) return [];
  const inner = Object.entries(value).flatMap(([key, each]) => partsOf(each, `${at}/${key}`));
  return [...(Array.isArray(value) ? [] : [[at, value] as Part]), ...inner];
}

const schemas: Readonly<Record<string, object>> = document.components.schemas;

describe('openapi.json', () => {
  it('is a valid OpenAPI 3.1 document, all references included', async () => {
    const validator = new Validator();
    const copy = JSON.parse(JSON.stringify(document)) as Record<string, unknown>;
    expect(await validator.validate(copy)).toEqual({ valid: true });
    expect(validator.version).toBe('3.1');
  });

  it('is at the top of the repository as it is made from the source', async () => {
    const made = await publishedFiles(root);
    expect(made['openapi.json'] === readFileSync(join(root, 'openapi.json'), 'utf8')).toBe(true);
  });

  it.each(Object.keys(schemas))('%s is a schema without a word that JSON Schema does not know', (name) => {
    const ajv = new Ajv2020({ strict: true, strictRequired: false, allowUnionTypes: true });
    addFormats.default(ajv);
    const all = JSON.stringify({ $defs: schemas, $ref: `#/components/schemas/${name}` });
    ajv.compile(JSON.parse(all.replaceAll('#/components/schemas/', '#/$defs/')) as object);
    expect(ajv.errors ?? []).toEqual([]);
  });

  const withExamples = partsOf(document).flatMap(([at, part]) => {
    const schema = { ...(part['schema'] ?? part) };
    const examples = [...((part['examples'] as unknown[] | undefined) ?? [])];
    if ('example' in part) examples.push(part['example']);
    return examples.map((example) => ({ at, schema, example }));
  });

  it('has examples', () => expect(withExamples.length).toBeGreaterThan(20));

  it.each(withExamples)('the example at $at fits its schema', ({ schema, example }) => {
    expect(schemaComplaints(schema, example)).toEqual([]);
  });

  it('knows every error code, and every action of a recovery', () => {
    expect(document.components.schemas['ErrorCode']).toMatchObject({ enum: Object.keys(errorClasses) });
    expect(document.components.schemas['RecoveryActionName']).toMatchObject({
      enum: [...recoveryActionNames],
    });
  });

  it('describes every operation, parameter and member', () => {
    const silent = partsOf(document).filter(([at, part]) => {
      const isOperation = 'operationId' in part;
      const isParameter = typeof part['name'] === 'string' && typeof part['in'] === 'string';
      const isMember = /\/properties\/[a-z_]+$/.test(at) && !('$ref' in part);
      if (isOperation) return part['summary'] === undefined || part['description'] === undefined;
      return (isParameter || isMember) && part['description'] === undefined && part['enum'] === undefined;
    });
    expect(silent.map(([at]) => at)).toEqual([]);
  });

  it('names each operation once', () => {
    const names = Object.values(paths).flatMap((item) =>
      Object.values(item).flatMap((part) => ('operationId' in part ? [part.operationId] : [])),
    );
    expect(new Set(names).size).toBe(names.length);
  });
});
