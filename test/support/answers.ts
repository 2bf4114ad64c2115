import * as fc from 'fast-check';
import type { HttpAnswer } from '../../src/domain/outcome.ts';

/** Answers of HTTP, as an interpretation gets them. */

export function http(status: number, body: unknown, headers: HttpAnswer['headers'] = {}): HttpAnswer {
  const text = typeof body === 'string' ? body : JSON.stringify(body);
  return { kind: 'http', status, headers, body: Buffer.from(text), complete: true };
}

export const bytesOf = (value: unknown): Uint8Array => Buffer.from(JSON.stringify(value) ?? '');

/** Any text, and now and then one of these. */
export function texts(known: readonly string[]): fc.Arbitrary<string> {
  return fc.oneof(fc.string(), fc.string({ unit: 'binary' }), fc.constantFrom(...known));
}

export function anything(text: fc.Arbitrary<string>): fc.Arbitrary<unknown> {
  return fc.oneof(text, fc.integer(), fc.double(), fc.constant(null), fc.jsonValue());
}

const header = fc.oneof(
  fc.string(),
  fc.string({ unit: 'binary' }),
  fc.date({ noInvalidDate: true }).map((date) => date.toUTCString()),
);
const headers: fc.Arbitrary<HttpAnswer['headers']> = fc.record(
  { 'content-type': header, 'retry-after': header, location: fc.oneof(header, fc.webUrl()), date: header },
  { requiredKeys: [] },
);

export const statuses = fc.oneof(
  fc.integer({ min: 100, max: 999 }),
  fc.constantFrom(200, 302, 400, 401, 403, 404, 429, 440, 500),
);

/** From noise to what almost fits: `fitting` are bodies of the product's form, with any value in them. */
export function answers(...fitting: readonly fc.Arbitrary<Uint8Array>[]): fc.Arbitrary<HttpAnswer> {
  return fc.record({
    kind: fc.constant('http'),
    status: statuses,
    headers,
    body: fc.oneof(
      fc.uint8Array({ maxLength: 200 }),
      fc.jsonValue().map(bytesOf),
      fc.integer({ min: 1, max: 20_000 }).map((depth) => Buffer.from('['.repeat(depth) + ']'.repeat(depth))),
      ...fitting,
    ),
    complete: fc.boolean(),
  });
}
