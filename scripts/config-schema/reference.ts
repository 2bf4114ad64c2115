import { configJsonSchema } from './generate.ts';
import { type JsonSchema, mapInner } from './json-schema.ts';

/** The table of all keys in `docs/configuration.md`, from the JSON Schema. */

const begin = '<!-- keys: made by `npm run published` -->';
const end = '<!-- end of keys -->';

/** The page with its table made anew. */
export function withReference(page: string): string {
  const [from, to] = [page.indexOf(begin), page.indexOf(end)];
  if (from === -1 || to === -1) throw new Error('docs/configuration.md has no place for the table of keys');
  return `${page.slice(0, from + begin.length)}\n${table()}\n${page.slice(to)}`;
}

interface Row {
  readonly key: string;
  readonly value: string;
  readonly meaning: string;
}

function table(): string {
  const rows = new Map<string, Row>();
  for (const row of rowsOf(configJsonSchema(), '')) rows.set(row.key, merged(rows.get(row.key), row));
  const lines = [...rows.values()].map(({ key, value, meaning }) => `| \`${key}\` | ${value} | ${meaning} |`);
  return ['| key | value | meaning |', '|---|---|---|', ...lines].join('\n');
}

/** A key of several alternatives has the values of all. */
function merged(known: Row | undefined, { key, value, meaning }: Row): Row {
  const values = known === undefined || known.value === value ? [value] : [known.value, value];
  return { key, value: values.join(', '), meaning };
}

function rowsOf(schema: JsonSchema, path: string): readonly Row[] {
  const inner: Row[] = [];
  mapInner(schema, (each, step) => {
    inner.push(...rowsOf(each, path + step));
    return each;
  });
  const { description } = schema;
  if (path === '' || typeof description !== 'string' || path.endsWith('[]')) return inner;
  const key = path.slice(1).replace('.*', '.NAME');
  return [{ key, value: valueOf(schema), meaning: description.replaceAll('|', String.raw`\|`) }, ...inner];
}

/** The default, else the words of which one must stand there, else an example. */
function valueOf({ default: byDefault, anyOf = [], items, examples }: JsonSchema): string {
  const words = anyOf.flatMap(
    ({ enum: choices, const: word }) => (choices ?? (word === undefined ? [] : [word])) as unknown[],
  );
  const listed = words.length > 1 ? words.map(code).join(', ') : '';
  if (byDefault !== undefined && byDefault !== null && !isEmpty(byDefault))
    return listed === '' ? `default ${code(byDefault)}` : `${listed}; default ${code(byDefault)}`;
  if (words.length > 0) return words.map(code).join(', ');
  const [example] = (examples ?? []) as readonly unknown[];
  if (example !== undefined) return `such as ${code(example)}`;
  return items === undefined ? '' : 'a list';
}

function isEmpty(value: unknown): boolean {
  return typeof value === 'object' && Object.keys(value ?? {}).length === 0;
}

function code(value: unknown): string {
  return `\`${typeof value === 'string' ? value : JSON.stringify(value)}\``;
}
