import type { ErrorCode } from '../../src/domain/errors.ts';
import type { Verb } from '../../src/serve/access.ts';
import type { Surface } from '../../src/serve/routes.ts';
import type { Schema } from './schema.ts';

/** What operations have in common. */

export interface OperationNotes {
  readonly operationId: string;
  readonly tags: readonly [string];
  readonly summary: string;
  readonly description: string;
  /** What the caller needs in `allow` of the listener; null: nothing. */
  readonly permission: Verb | null;
  readonly surface?: Surface;
  readonly parameters?: readonly Schema[];
  readonly requestBody?: Schema;
  readonly responses: Readonly<Record<string, Schema>>;
}

/** Every operation of the API may be answered so. */
export const anyTime = [
  'REQUEST_INVALID',
  'RATE_LIMITED',
  'INTERNAL',
] as const satisfies readonly ErrorCode[];

/** And so where it needs a permission, or is about an agent. */
export const aboutAgent = [
  ...anyTime,
  'PEER_DENIED',
  'AGENT_UNKNOWN',
] as const satisfies readonly ErrorCode[];

export function operation({
  permission,
  surface = 'api',
  parameters = [],
  ...notes
}: OperationNotes): Schema {
  return {
    ...notes,
    ...(parameters.length > 0 && { parameters }),
    'x-tokenward-permission': permission ?? 'none',
    'x-tokenward-surface': surface,
  };
}

interface AnswerNotes {
  readonly content: Readonly<Record<string, Schema>>;
  readonly headers?: Readonly<Record<string, Schema>>;
}

/** A response with a body, which no cache may keep. */
export function answer(description: string, { content, headers = {} }: AnswerNotes): Schema {
  return { description, headers: { 'Cache-Control': header('NoStore'), ...headers }, content };
}

export function jsonAnswer(description: string, schema: Schema): Schema {
  return answer(description, { content: { 'application/json': { schema } } });
}

export function header(name: string): Schema {
  return { $ref: `#/components/headers/${name}` };
}

export function parameter(name: string): Schema {
  return { $ref: `#/components/parameters/${name}` };
}
