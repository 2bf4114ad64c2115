export type JsonObject = Readonly<Record<string, unknown>>;

/** The JSON value of a body; null where it is no JSON, which every product answers in its own words, without repeating the text. */
export function readJson(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString('utf8'));
  } catch {
    return null; // as the docstring says
  }
}

export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
