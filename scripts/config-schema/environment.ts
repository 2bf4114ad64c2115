import { type JsonSchema, mapInner } from './json-schema.ts';

/** Where `${` stands in a text, a variable of the environment may: what it will be is not known to an editor. */
const variable = String.raw`\$\{`;

/** The same schema for a file whose texts may have variables of the environment in them. */
export function withVariables(schema: JsonSchema): JsonSchema {
  const { pattern, enum: words, const: word, type, ...rest } = mapInner(schema, withVariables);
  if (typeof pattern === 'string')
    return { ...schemaType(type), ...rest, pattern: `(?:${pattern})|${variable}` };
  if (Array.isArray(words))
    return { ...rest, anyOf: [{ enum: words }, { type: 'string', pattern: variable }] };
  if (typeof word === 'string')
    return { ...rest, anyOf: [{ const: word }, { type: 'string', pattern: variable }] };
  return { ...schemaType(type), ...rest, ...(word !== undefined && { const: word }) };
}

function schemaType(type: unknown): JsonSchema {
  return type === undefined ? {} : { type };
}
