/** A JSON Schema of draft-07, which is what editors know best (`docs/configuration.md`). */
export interface JsonSchema {
  readonly [keyword: string]: unknown;
  readonly properties?: Readonly<Record<string, JsonSchema>>;
  readonly additionalProperties?: boolean | JsonSchema;
  readonly items?: JsonSchema;
  readonly anyOf?: readonly JsonSchema[];
}

/** The same schema with another one in the place of each of the schemas for what it holds, and of each of its alternatives. */
export function mapInner(
  schema: JsonSchema,
  map: (inner: JsonSchema, step: string) => JsonSchema,
): JsonSchema {
  const { properties, additionalProperties, items, anyOf } = schema;
  return {
    ...schema,
    ...(properties !== undefined && {
      properties: Object.fromEntries(
        Object.entries(properties).map(([name, inner]) => [name, map(inner, `.${name}`)]),
      ),
    }),
    ...(typeof additionalProperties === 'object' && {
      additionalProperties: map(additionalProperties, '.*'),
    }),
    ...(items !== undefined && { items: map(items, '[]') }),
    ...(anyOf !== undefined && { anyOf: anyOf.map((inner) => map(inner, '')) }),
  };
}
