import { configSchema } from '../../src/config/schema.ts';
import { convert } from './convert.ts';
import { descriptions } from './descriptions.ts';
import { withVariables } from './environment.ts';
import { type JsonSchema, mapInner } from './json-schema.ts';

/** The JSON Schema of the configuration, for editors. */
export function configJsonSchema(): JsonSchema {
  const schema = tidy(withVariables(convert(configSchema('/etc/tokenward'))));
  return {
    $schema: 'http://json-schema.org/draft-07/schema#',
    title: 'tokenward: the configuration',
    description:
      'The file that `--config` names, /etc/tokenward/config.yaml where nothing does. `tokenward check` judges the rest.',
    ...described(schema, ''),
  };
}

/** Without what says nothing. */
function tidy(schema: JsonSchema): JsonSchema {
  const { required, anyOf, ...rest } = mapInner(schema, tidy);
  const alternatives = anyOf?.length === 1 ? { ...anyOf[0] } : { ...(anyOf !== undefined && { anyOf }) };
  const isEmpty = Array.isArray(required) && required.length === 0;
  return { ...alternatives, ...rest, ...(required !== undefined && !isEmpty && { required }) };
}

/** Throws for a key without a description. */
function described(schema: JsonSchema, path: string): JsonSchema {
  const inner = mapInner(schema, (each, step) =>
    step === '' ? alternative(each, path) : described(each, path + step),
  );
  if (path === '') return inner;
  const description = descriptions[path];
  if (description === undefined) throw new Error(`the key ${path} has no description`);
  const { text, examples } = description;
  return { description: text, ...inner, ...(examples !== undefined && { examples }) };
}

/** An alternative is described by what it is an alternative for; only its keys are told apart, and not those of a mere rule. */
function alternative(schema: JsonSchema, path: string): JsonSchema {
  if (schema['type'] === undefined) return schema;
  return mapInner(schema, (each, step) =>
    step === '' ? alternative(each, path) : described(each, path + step),
  );
}
