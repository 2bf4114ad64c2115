import { toJsonSchema } from '@valibot/to-json-schema';
import type * as v from 'valibot';
import type { JsonSchema } from './json-schema.ts';

/**
 * From the one schema of the configuration to a JSON Schema of what may stand in the file. Everything that this does not know how
 * to convert is an error: the published schema must not be looser than the program by an oversight.
 */
export function convert(schema: v.GenericSchema): JsonSchema {
  const {
    $schema: _dialect,
    $defs: _unused,
    ...converted
  } = toJsonSchema(schema, {
    target: 'draft-07',
    // what is left unconverted is thrown below; the library also objects to a pipe that has two schemas, as sections do
    errorMode: 'ignore',
    overrideSchema: ({ valibotSchema, jsonSchema, errors }) => {
      if (hasOptions(valibotSchema)) return { anyOf: valibotSchema.options.map(convert) } as object;
      if (valibotSchema.type === 'loose_object') return { ...jsonSchema, additionalProperties: false };
      // the first look at a section or a list; what follows in the pipe says more
      if (valibotSchema.type === 'custom') return jsonSchema;
      if (errors !== undefined) throw new Error(errors.join('\n'));
      return undefined;
    },
    overrideAction: ({ valibotAction, jsonSchema, errors }) => {
      if (code.has(valibotAction.type)) return jsonSchema;
      if (errors !== undefined) throw new Error(errors.join('\n'));
      return undefined;
    },
  });
  return converted as unknown as JsonSchema;
}

/** Rules that are code: their part that a JSON Schema can say stands beside them as `published`. */
const code: ReadonlySet<string> = new Set(['check', 'raw_check', 'raw_transform', 'transform']);

interface WithOptions {
  readonly options: readonly v.GenericSchema[];
}

/** What `chosen` of `src/config/section.ts` makes. */
function hasOptions(schema: object): schema is WithOptions {
  return 'type' in schema && schema.type === 'lazy' && 'options' in schema;
}
