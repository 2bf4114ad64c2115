/** Headers of a request in each of the forms that undici takes: pairs in a row, an iterable of pairs, or an object. */

/** The same headers, with `name` once and with this value. */
export function withHeader(headers: unknown, name: string, value: string): string[] {
  const others = pairsOf(headers).filter(([each]) => each.toLowerCase() !== name.toLowerCase());
  return [...others, [name, value] as const].flat();
}

type Pair = readonly [name: string, value: string];

function pairsOf(headers: unknown): Pair[] {
  if (headers == null) return [];
  if (Array.isArray(headers)) return inPairs(headers as readonly string[]);
  const entries = isIterable(headers) ? [...headers] : Object.entries(headers as Record<string, Value>);
  return entries.flatMap(([name, value]): Pair[] => {
    if (value === undefined) return [];
    return typeof value === 'string' ? [[name, value]] : value.map((each) => [name, each]);
  });
}

type Value = string | readonly string[] | undefined;

function isIterable(headers: object): headers is Iterable<readonly [name: string, value: Value]> {
  return Symbol.iterator in headers;
}

function inPairs(row: readonly string[]): Pair[] {
  const pairs: Pair[] = [];
  for (let at = 0; at + 1 < row.length; at += 2) pairs.push([String(row[at]), String(row[at + 1])]);
  return pairs;
}
