import type { Secret } from 'kubernetes-types/core/v1.js';

/** What is in the `data` of a Secret, and what becomes of it. */

export type ObjectData = ReadonlyMap<string, Uint8Array>;

/** Values by key; null = not there (any more). */
export type ObjectValues = Readonly<Record<string, Uint8Array | null>>;

/** Who wrote an object last, for whoever meets it. */
const WRITER_ANNOTATION = 'tokenward.io/written-by';

export function dataOf({ data = {} }: Secret): ObjectData {
  return new Map(
    Object.entries(data).map(([key, value]) => [key, new Uint8Array(Buffer.from(value, 'base64'))]),
  );
}

/** Whether the data has these values. */
export function holds(data: ObjectData, values: ObjectValues): boolean {
  return Object.entries(values).every(([key, value]) => sameBytes(data.get(key) ?? null, value));
}

export function sameBytes(one: Uint8Array | null, other: Uint8Array | null): boolean {
  if (one === null || other === null) return one === other;
  return Buffer.from(one).equals(other);
}

/** The object with these values, and all else as it is. */
export function withValues(object: Secret, values: ObjectValues, writer: string): Secret {
  const data: Record<string, string> = { ...object.data };
  for (const [key, value] of Object.entries(values)) {
    if (value === null) delete data[key];
    else data[key] = Buffer.from(value).toString('base64');
  }
  const annotations = { ...object.metadata?.annotations, [WRITER_ANNOTATION]: writer };
  return { ...object, metadata: { ...object.metadata, annotations }, data };
}

export function writerOf(object: Secret): string {
  return object.metadata?.annotations?.[WRITER_ANNOTATION] ?? 'somebody';
}
