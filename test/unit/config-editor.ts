import { Ajv } from 'ajv';
import { expect } from 'vitest';
import { parseDocument } from 'yaml';
import { configJsonSchema } from '../../scripts/config-schema/generate.ts';

/** What an editor makes of a configuration by the published JSON Schema, beside what the program makes of it. */

const validate = new Ajv({
  strict: true,
  strictRequired: false,
  strictTypes: false,
  allErrors: true,
}).compile(configJsonSchema());

/** Rules that a JSON Schema cannot say, by how the program words their problems. */
const unseen: readonly (readonly [why: string, problem: RegExp])[] = [
  ['a duration is a text, and texts have no range', /: must be \S+ to \S+$/],
  ['a pattern has no calendar', /the calendar has no such day/],
  ['two durations are compared', /must be shorter than shutdown_grace/],
  ['two numbers are added', /`at` [+-] `jitter` must stay/],
  ['names in different places are compared', /there is no such agent|means none of the agents/],
  ['paths and ports in different places are compared', /already used by/],
  ['the first item of a list is not told from the others', /begins with the absolute path of a program/],
  ['a path is resolved before its bytes are counted', /the path of a socket is at most/],
];

/** A host or a port that is none may be seen, but no pattern knows all that `isIP` of Node knows. */
const perhapsSeen = /\.tcp: expected HOST:PORT/;

/** What is wrong, as an editor tells it; null where the text is no YAML, about which the editor needs no schema. */
export function editorComplaints(text: string): readonly string[] | null {
  const document = parseDocument(text, { schema: 'core', merge: false, stringKeys: true, logLevel: 'error' });
  if (document.errors.length + document.warnings.length > 0) return null;
  try {
    return dataComplaints(document.toJS({ maxAliasCount: 100 }));
  } catch {
    return null; // aliases without an anchor, or without end
  }
}

export function dataComplaints(data: unknown): readonly string[] {
  if (validate(data)) return [];
  return (validate.errors ?? []).map(({ instancePath, message }) => `${instancePath} ${message}`);
}

/** Whether the schema must see at least one of these problems of the program; null where it need not, and may. */
export function isSeen(problems: readonly string[]): boolean | null {
  const visible = problems.filter((problem) => !unseen.some(([, wording]) => wording.test(problem)));
  return visible.length > 0 && visible.every((problem) => perhapsSeen.test(problem))
    ? null
    : visible.length > 0;
}

/** The editor accepts what the program accepts, and refuses what it refuses, but for what no schema can see. */
export function expectSameInEditor(text: string, problems: readonly string[]): void {
  const complaints = editorComplaints(text);
  const seen = isSeen(problems);
  // an editor has no environment: it leaves alone what may come from there
  const isOpen = problems.length > 0 && text.includes('${');
  if (complaints === null || seen === null || isOpen) return;
  if (seen) expect(complaints, `the editor sees nothing: ${problems.join()}`).not.toEqual([]);
  else expect(complaints, `the program says: ${problems.join() || 'nothing'}`).toEqual([]);
}
