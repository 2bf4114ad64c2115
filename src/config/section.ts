import * as v from 'valibot';
import { expected, expectedOneOf, type Message, unknownKey } from './messages.ts';
import type { Key } from './path.ts';

/** Building blocks of the schema that valibot lacks, first of all a mapping that names every unknown key. */

interface SectionNotes<KnownKey extends string> {
  /** Keys that belong here by the documentation but that this version does not act on yet. */
  readonly later?: readonly string[];
  /** What a required key may look like; shown where it is missing. */
  readonly examples?: Readonly<Partial<Record<KnownKey, string>>>;
  /** Where a value belongs that stands here under a key of its own; null where that cannot be told. */
  readonly misplaced?: (value: unknown) => string | null;
}

/**
 * A mapping with these keys and no others. Unlike valibot's strict object it reports every unknown key and not only the
 * first, suggests the nearest known one, and does not take a list for a mapping.
 */
export function section<const Entries extends v.ObjectEntries>(
  entries: Entries,
  notes: SectionNotes<keyof Entries & string> = {},
) {
  const known = Object.keys(entries);
  const schema = v.pipe(
    v.custom<Record<string, unknown>>(isMapping, expected('a mapping (key: value)')),
    v.looseObject(entries, missingKey(notes.examples ?? {})),
    v.rawCheck(({ dataset, addIssue }) => {
      for (const [key, value] of Object.entries(dataset.value as object)) {
        if (known.includes(key)) continue;
        const message = notes.misplaced?.(value) ?? unknownKey(key, known, notes.later ?? []);
        addIssue({ message, path: issuePath([key], 'key') });
      }
    }),
  );
  // Unknown keys are errors, so the output of a loose object that has none is that of a plain one.
  return schema as unknown as v.GenericSchema<unknown, v.InferOutput<v.ObjectSchema<Entries, undefined>>>;
}

/** One of these words. Words of later versions are told from mistakes. */
export function choice<const Word extends string>(words: readonly Word[], later: readonly string[] = []) {
  return v.picklist(words, expectedOneOf(words, later));
}

/**
 * One of several schemas, chosen by the look of the value, so that its problems are told for what it was meant to be. `options`
 * are all that can be chosen, for whom describes the schema.
 */
export function chosen<const Options extends readonly v.GenericSchema[]>(
  options: Options,
  choose: (input: unknown) => v.GenericSchema<unknown, v.InferOutput<Options[number]>>,
) {
  return Object.assign(v.lazy(choose), { options });
}

/** What the published JSON Schema says of a rule that is code here; keywords of JSON Schema. */
export function published<Input>(
  keywords: Readonly<Record<string, unknown>>,
): v.MetadataAction<Input, Record<string, unknown>> {
  return v.metadata({ ...keywords });
}

/** For a value whose own schema cannot be told: nothing fits it. The problem is at its `key`, where there is one, or at itself. */
export function nothing(wording: Message, key?: string): v.GenericSchema<unknown, never> {
  return v.pipe(
    v.unknown(),
    v.rawTransform(({ dataset, addIssue, NEVER }) => {
      const input = key === undefined ? dataset.value : (dataset.value as Record<string, unknown>)[key];
      const message = wording({ kind: 'schema', input });
      addIssue(key === undefined ? { message } : { message, path: issuePath([key], 'value') });
      return NEVER;
    }),
  );
}

/** Where a problem is, below the value whose check finds it. */
export function issuePath(keys: readonly Key[], origin: 'key' | 'value'): IssuePath {
  return keys.map((key) => ({ type: 'unknown', origin, input: null, key, value: null })) as IssuePath;
}

type IssuePath = [v.UnknownPathItem, ...v.UnknownPathItem[]];

export function isMapping(input: unknown): input is Record<string, unknown> {
  return typeof input === 'object' && input !== null && !Array.isArray(input);
}

function missingKey(examples: Readonly<Partial<Record<string, string>>>) {
  return (issue: v.BaseIssue<unknown>): string => {
    const key = String(issue.path?.at(-1)?.key);
    const example = examples[key];
    return example === undefined ? 'is missing' : `is missing; for example ${key}: ${example}`;
  };
}
