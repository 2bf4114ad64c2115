import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Ajv } from 'ajv';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { descriptions } from '../../scripts/config-schema/descriptions.ts';
import { configJsonSchema } from '../../scripts/config-schema/generate.ts';
import { type JsonSchema, mapInner } from '../../scripts/config-schema/json-schema.ts';
import { withReference } from '../../scripts/config-schema/reference.ts';
import { publishedFiles } from '../../scripts/published-files.ts';
import { parseConfig } from '../../src/config/parse.ts';
import { dataComplaints, isSeen } from './config-editor.ts';

const root = join(import.meta.dirname, '../..');

/** Every schema in a schema, with the path of what it is for. */
function within(schema: JsonSchema, path = ''): readonly (readonly [path: string, schema: JsonSchema])[] {
  const found: (readonly [string, JsonSchema])[] = [[path, schema]];
  mapInner(schema, (inner, step) => {
    found.push(...within(inner, path + step));
    return inner;
  });
  return found;
}

const all = within(configJsonSchema());

describe('config.schema.json', () => {
  it('is at the top of the repository as it is made from the source', async () => {
    const made = await publishedFiles(root);
    expect(made['config.schema.json'] === readFileSync(join(root, 'config.schema.json'), 'utf8')).toBe(true);
  });

  it('is the table of keys in docs/configuration.md', () => {
    const page = readFileSync(join(root, 'docs/configuration.md'), 'utf8');
    expect(page).toContain('| `agents.NAME.secret.key_file` |');
    expect(withReference(page) === page).toBe(true);
  });

  it('is of draft-07, without a word that is not', () => {
    const ajv = new Ajv({ strict: true, strictRequired: false, strictTypes: false });
    expect(ajv.validateSchema(configJsonSchema())).toBe(true);
    ajv.compile(configJsonSchema());
  });

  it('closes every mapping', () => {
    const open = all.filter(
      ([, { type, additionalProperties }]) => type === 'object' && additionalProperties === undefined,
    );
    expect(open.map(([path]) => path)).toEqual([]);
  });

  it('describes every key, and nothing else is described', () => {
    const described = all.filter(([path, schema]) => path !== '' && schema['description'] !== undefined);
    expect([...new Set(described.map(([path]) => path))].toSorted()).toEqual(
      Object.keys(descriptions).toSorted(),
    );
  });

  const shown = all.flatMap(([path, schema]) => {
    const examples = [...((schema['examples'] as unknown[] | undefined) ?? [])];
    if ('default' in schema) examples.push(schema['default']);
    return examples.map((value) => ({ path, schema, value }));
  });

  it('shows what may stand there', () => expect(shown.length).toBeGreaterThan(40));

  it.each(shown)('$path: $value fits its own schema', ({ schema, value }) => {
    const ajv = new Ajv({ strict: false });
    expect(ajv.validate(schema, value), ajv.errorsText()).toBe(true);
  });
});

const valid = {
  state_dir: '/state',
  shutdown_grace: '20s',
  allow_ephemeral: true,
  log: { level: 'debug' },
  agents: {
    'web-01': {
      provider: 'vcf-logs',
      url: 'https://logs.example.com:9543/base',
      tls: { ca_file: 'ca.pem', cert_file: 'c.pem', key_file: 'k.pem', server_name: 'logs.internal' },
      ttl: '1h30m',
      refresh: { at: 0.5, jitter: 0.2 },
      max_exchanges_per_minute: 10,
      exchange_deadline: '5s',
      secret: { store: 'file', credential: 'wrapping-key' },
      secret_file: '/run/secrets/web-01',
      in_doubt: 'halt',
      token_header: { name: 'X-JWT-Token', scheme: null },
      probe: { path: '/api/v2/version', every: '1h' },
      on_invalid: 'remove',
      files: [
        { path: '/run/a', format: 'bare', mode: '0640', owner: 'root', group: 4 },
        { path: '/run/b', format: 'envoy-sds', secret_name: 'logs' },
        { path: '/run/c', format: 'template', template: 'a {{token}}' },
      ],
    },
    local: {
      provider: 'vcf-logs',
      url: 'http://127.0.0.1',
      ttl: 0,
      secret: { store: 'keychain', deadline: '2s' },
    },
    fixed: {
      provider: 'f5-xc',
      url: 'https://edge.example.com',
      expires_at: '2027-01-31T00:00:00Z',
      token_header: { name: 'Authorization', scheme: 'APIToken' },
      probe: { path: '/api/web' },
      secret: { store: 'memory' },
    },
  },
  listeners: [
    {
      unix: '/run/s',
      mode: '0660',
      peer_check: 'none',
      limits: { connections: 1, requests_per_second: 0 },
      allow: [{ user: 'root', may: ['token', 'status', 'admin'] }],
    },
    { tcp: '127.0.0.1:9464', serves: ['health', 'metrics'] },
  ],
};

type Path = readonly string[];

function pathsIn(value: unknown, at: Path = []): readonly Path[] {
  const inner = typeof value === 'object' && value !== null ? Object.entries(value) : [];
  return [...(at.length === 0 ? [] : [at]), ...inner.flatMap(([key, each]) => pathsIn(each, [...at, key]))];
}

type Change = (parent: Record<string, unknown>, key: string) => void;

const words =
  '${SET} 0 1 10s 10 0s 1d 999ms 5w https://a https://a:0 https://a:00/b http://localhost:0 http://a http://localhost https://a/api/v2 https://u@a https://a?b ~/a /a 0640 640 0666 8 -1 a:b file memory keychain halt remove kernel token health localhost:1 [::1]:80 :80 127.0.0.1:99999 300.1.1.1:1 adm onezone f5-xc 2027-02-30T00:00:00Z 2027-01-31T00:00:00 Host X-A //a /a#b /a%2 json template envoy-sds {{token}} {{tokens}} {{token}}${SET}';
const values = fc.oneof(
  fc.constantFrom<unknown>(null, true, 0, 1, -1, 0.5, 75, 640, 7000, '', ' ', [], {}, ...words.split(' ')),
  fc.string({ maxLength: 6 }),
  fc
    .constantFrom(...pathsIn(valid))
    .map((path) => path.reduce<unknown>((at, key) => at?.[key as never], valid)),
);
const keys = fc.constantFrom(
  ...new Set(pathsIn(valid).map((path) => path.at(-1) ?? '')),
  'key_file',
  'group',
  'constructor',
  'A',
  'proxies',
);
const changes: fc.Arbitrary<Change> = fc.oneof(
  values.map(
    (value): Change =>
      (parent, key) =>
        (parent[key] = value),
  ),
  fc.constant<Change>((parent, key) => delete parent[key]),
  fc.tuple(keys, values).map(
    ([name, value]): Change =>
      (parent) =>
        (parent[name] = value),
  ),
);

/** The valid configuration after some changes; as JSON, which is YAML. */
const changed = fc
  .array(fc.tuple(fc.constantFrom(...pathsIn(valid)), changes), { maxLength: 3 })
  .map((steps) => {
    const copy = structuredClone(valid) as unknown as Record<string, unknown>;
    for (const [path, change] of steps) {
      const parent = path
        .slice(0, -1)
        .reduce<unknown>((at, key) => (Object(at) as Record<string, unknown>)[key], copy);
      if (typeof parent === 'object' && parent !== null && !Array.isArray(parent))
        change(parent as Record<string, unknown>, path.at(-1) ?? '');
    }
    return JSON.stringify(copy);
  });

function problemsOf(text: string): readonly string[] {
  try {
    parseConfig(text, '/c.yaml', { SET: 'x' });
    return [];
  } catch (error) {
    return (error as Error).message.split('\n').map((line) => line.replace(/^\/c\.yaml:/, ''));
  }
}

describe('the editor and the program', () => {
  it('accept the same to begin with', () => {
    expect([problemsOf(JSON.stringify(valid)), dataComplaints(valid)]).toEqual([[], []]);
  });

  it('judge alike whatever is changed, but for what no schema can see', () => {
    fc.assert(
      fc.property(changed, (text) => {
        const problems = problemsOf(text);
        const refuses = dataComplaints(JSON.parse(text)).length > 0;
        // where there is a variable, the program judges its value, and the editor nothing
        if (isSeen(problems) === true && !text.includes('${'))
          expect([refuses, problems]).toEqual([true, problems]);
        if (problems.length === 0) expect(refuses).toBe(false);
      }),
      { numRuns: 300 },
    );
  });
});
