import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { parseConfig } from '../../../src/config/parse.ts';
import { configSchema } from '../../../src/config/schema.ts';
import { editorComplaints } from '../../unit/config-editor.ts';

const path = fileURLToPath(new URL('../../../config.example.yaml', import.meta.url));
const text = readFileSync(path, 'utf8');
const everything = text.replaceAll(/^( *)#(?=[a-z_]+:)/gm, '$1');

describe('config.example.yaml', () => {
  it('is a valid configuration as it stands, and with every optional key switched on', () => {
    expect(everything).not.toBe(text);
    for (const example of [text, everything]) {
      expect(parseConfig(example, path, {}).agents.map(({ name }) => name)).toEqual(['web-01']);
    }
  });

  it('is right for an editor too, as it stands and with every optional key', () => {
    expect(text).toMatch(/^# yaml-language-server: \$schema=\.\/config\.schema\.json\n/);
    expect(editorComplaints(text)).toEqual([]);
    expect(editorComplaints(everything)).toEqual([]);
  });

  it('shows the defaults', () => {
    const defaults = everything
      .replaceAll(/^    (probe|token_header):\n(      .*\n)+/gm, '')
      .replaceAll(/^ *(tls|secret_file|ca_file|cert_file|key_file|server_name|owner):.*$/gm, '');
    expect(parseConfig(defaults, path, {})).toEqual(parseConfig(text, path, {}));
  });

  it('documents every key of the schema', () => {
    const keys = [...keysOf(configSchema('/'))];
    expect(keys).toContain('requests_per_second');
    expect(keys.filter((key) => !new RegExp(String.raw`\b${key}:`).test(text))).toEqual([]);
  });
});

/** The parts of a valibot schema in which other schemas are. */
interface SchemaParts {
  readonly entries?: Readonly<Record<string, SchemaParts>>;
  readonly pipe?: readonly SchemaParts[];
  readonly wrapped?: SchemaParts;
  readonly item?: SchemaParts;
  readonly value?: SchemaParts;
  /** Those among which the value chooses, and words of a choice. */
  readonly options?: readonly (SchemaParts | string)[];
}

function keysOf(schema: unknown): Set<string> {
  const { entries = {}, pipe = [], wrapped, item, value, options = [] } = schema as SchemaParts;
  const inner = [
    ...Object.values(entries),
    ...pipe.filter((step) => step.pipe !== pipe),
    wrapped,
    item,
    value,
    ...options,
  ];
  const below = inner.filter((part) => typeof part === 'object').flatMap((part) => [...keysOf(part)]);
  return new Set([...Object.keys(entries), ...below]);
}
