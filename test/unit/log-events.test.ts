import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { logEvents } from '../../src/domain/log-events.ts';

const page = readFileSync(new URL('../../docs/logs.md', import.meta.url), 'utf8');

interface Row {
  readonly event: string;
  readonly levels: string;
  readonly fields: readonly string[];
  readonly meaning: string;
}

const rows: readonly Row[] = page.split('\n').flatMap((line) => {
  const [, event, levels = '', fields = '', meaning = ''] =
    /^\| `([a-z-]+)` \| ([^|]*) \| ([^|]*) \| (.*) \|$/.exec(line) ?? [];
  if (event === undefined) return [];
  return [
    { event, levels, fields: [...fields.matchAll(/`(\w+)`/g)].map(([, field = '']) => field), meaning },
  ];
});

describe('docs/logs.md', () => {
  it('has every event, in the order of the table, and no other', () => {
    expect(rows.map(({ event }) => event)).toEqual(Object.keys(logEvents));
  });

  it.each(Object.entries(logEvents))(
    'has the levels and the fields of %s, and says what it means',
    (event, traits) => {
      const row = rows.find((each) => each.event === event);
      const levels = [...traits.levels, ...('limited' in traits ? ['limited'] : [])];
      expect(row).toMatchObject({ levels: levels.join(', '), fields: traits.fields });
      expect(row?.meaning).toMatch(/^\S.{8,}\.$/);
    },
  );
});

describe('an event', () => {
  it('is named in lower case, its fields in snake case, so that queries can be guessed', () => {
    expect(Object.keys(logEvents).filter((event) => !/^[a-z]+(-[a-z]+)*$/.test(event))).toEqual([]);
    const fields = Object.values(logEvents).flatMap((traits): readonly string[] => traits.fields);
    expect(fields.filter((field) => !/^[a-z]+(_[a-z]+)*$/.test(field))).toEqual([]);
  });

  it('has no field that every line has, or that would never show its value', () => {
    const taken = ['level', 'time', 'event', 'secret', 'token', 'password', 'authorization'];
    const fields = Object.values(logEvents).flatMap((traits): readonly string[] => traits.fields);
    expect(fields.filter((field) => taken.includes(field))).toEqual([]);
  });

  it('that is in the table is written somewhere', () => {
    const source = sources();
    const unwritten = Object.keys(logEvents).filter((event) => !source.includes(`'${event}'`));
    expect(unwritten).toEqual([]);
  });
});

/** Everything but the table itself. */
function sources(): string {
  const root = join(import.meta.dirname, '../../src');
  const files = globSync('**/*.ts', { cwd: root }).filter((file) => file !== 'domain/log-events.ts');
  return files.map((file) => readFileSync(join(root, file), 'utf8')).join('\n');
}
