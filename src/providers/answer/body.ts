/** What a complete body is, before anyone asks what it means. */
export type AnswerBody =
  | { readonly kind: 'empty' }
  | { readonly kind: 'json'; readonly value: unknown }
  /** HTML, a cut-off text, anything else. */
  | { readonly kind: 'other' };

export function readBody(body: Uint8Array): AnswerBody {
  if (body.length === 0) return { kind: 'empty' };
  try {
    return { kind: 'json', value: JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(body)) };
  } catch {
    // Not UTF-8, or not JSON: the content-type does not matter, so this is the test.
    return { kind: 'other' };
  }
}

/** The object's field where it is a non-empty text, else null. */
export function textField(value: unknown, name: string): string | null {
  const field: unknown = isObject(value) ? value[name] : undefined;
  return typeof field === 'string' && field !== '' ? field : null;
}

export function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
