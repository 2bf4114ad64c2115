import addFormats from 'ajv-formats';
import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';
import { openApiDocument } from '../../../scripts/openapi/document.ts';

/** The OpenAPI document as the tests read it: what the published one leaves open for later versions is closed here. */

export interface DescribedHeader {
  readonly required?: boolean;
  readonly schema: object;
}

export interface DescribedResponse {
  readonly headers?: Readonly<Record<string, DescribedHeader | { readonly $ref: string }>>;
  readonly content?: Readonly<Record<string, { readonly schema: object }>>;
  readonly 'x-tokenward-codes'?: readonly string[];
  /** Schemas of an event stream's data by the name of the event. */
  readonly 'x-tokenward-events'?: Readonly<Record<string, object>>;
}

export interface DescribedParameter {
  readonly name: string;
  readonly in: 'path' | 'query' | 'header';
  readonly schema: object;
}

export interface DescribedOperation {
  readonly operationId: string;
  readonly parameters?: readonly { readonly $ref: string }[];
  readonly responses: Readonly<Record<string, DescribedResponse>>;
  readonly 'x-tokenward-permission': string;
  readonly 'x-tokenward-surface': string;
}

export type PathItem = Readonly<Partial<Record<'get' | 'post' | 'put', DescribedOperation>>>;

export const document = openApiDocument('test');
export const paths = document.paths as Readonly<Record<string, PathItem>>;

const ajv = new Ajv2020({ strict: false, allErrors: true });
addFormats.default(ajv);
ajv.addSchema(closed({ ...document, $id: 'openapi' }) as object);

/** A copy in which every object has the members that are described, and no others. */
function closed(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(closed);
  if (typeof value !== 'object' || value === null) return value;
  const copy = Object.fromEntries(Object.entries(value).map(([key, each]) => [key, closed(each)]));
  const isOpen = copy['type'] === 'object' && 'properties' in copy && !('additionalProperties' in copy);
  return isOpen ? { ...copy, additionalProperties: false } : copy;
}

const compiled = new Map<string, ValidateFunction>();

/** What is wrong with a value by a schema of the document; empty where nothing is. */
export function schemaComplaints(schema: object, value: unknown): readonly string[] {
  // references within the document count from its root
  const absolute = JSON.stringify(closed(schema)).replaceAll('"$ref":"#/', '"$ref":"openapi#/');
  const validate = compiled.get(absolute) ?? ajv.compile(JSON.parse(absolute) as object);
  compiled.set(absolute, validate);
  if (validate(value)) return [];
  return (validate.errors ?? []).map(
    ({ instancePath, message, params }) => `${instancePath || 'it'} ${message} ${JSON.stringify(params)}`,
  );
}

/** What a reference such as `#/components/headers/NoStore` names. */
export function resolved({ $ref }: { readonly $ref: string }): object {
  const [, , kind = '', name = ''] = $ref.split('/');
  const parts: Readonly<Record<string, Readonly<Record<string, object>>>> = document.components;
  const part = parts[kind]?.[name];
  if (part === undefined) throw new Error(`nothing is at ${$ref}`);
  return part;
}

/** The template that describes a path without query; undefined where none does. */
export function templateOf(path: string): string | undefined {
  return Object.keys(paths).find((template) => {
    const pattern = template.replaceAll('.', String.raw`\.`).replace('{agent}', '[^/]*');
    return new RegExp(`^${pattern}$`).test(path);
  });
}
