/** Building blocks of JSON Schema (2020-12, the dialect of OpenAPI 3.1). */

export type Schema = Readonly<Record<string, unknown>>;

/** The keys whose name is fixed by a type of the program; the compiler holds the two together. */
type Properties<Shape> = Readonly<Record<keyof Shape & string, Schema>>;

interface ObjectNotes<Shape> {
  readonly description: string;
  /** Members that may be missing; all others are required. */
  readonly optional?: readonly (keyof Shape & string)[];
  readonly examples?: readonly unknown[];
}

/** An object with exactly the members of the type `Shape`: a member that the program gains must be described here. */
export function objectOf<Shape>(properties: Properties<Shape>, notes: ObjectNotes<Shape>): Schema {
  const { description, optional = [], examples } = notes;
  const optionals: readonly string[] = optional;
  const required = Object.keys(properties).filter((name) => !optionals.includes(name));
  return {
    type: 'object',
    description,
    properties,
    ...(required.length > 0 && { required }),
    ...(examples !== undefined && { examples }),
  };
}

/** One of the words of a union, each with what it means. The compiler wants every word of `Word`, and no other. */
export function wordOf<Word extends string>(
  description: string,
  meanings: Readonly<Record<Word, string>>,
): Schema {
  const words: readonly [string, string][] = Object.entries(meanings);
  const list = words.map(([word, meaning]) => `- \`${word}\`: ${meaning}`);
  return {
    type: 'string',
    description: [description, '', ...list].join('\n'),
    enum: words.map(([word]) => word),
  };
}

export function ref(name: string): Schema {
  return { $ref: `#/components/schemas/${name}` };
}

/** The same, or null. */
export function nullable(schema: Schema, description: string): Schema {
  return { description, anyOf: [schema, { type: 'null' }] };
}

export function listOf(items: Schema, description: string): Schema {
  return { type: 'array', description, items };
}

export function text(description: string, more: Schema = {}): Schema {
  return { type: 'string', description, ...more };
}

export function flag(description: string): Schema {
  return { type: 'boolean', description };
}

export function count(description: string, more: Schema = {}): Schema {
  return { type: 'integer', description, minimum: 0, ...more };
}

export function moment(description: string): Schema {
  return text(description, { format: 'date-time', examples: ['2027-01-31T09:30:00Z'] });
}
