import type { ErrorWording, Route } from './api.ts';

export type RouteMatch =
  | { readonly kind: 'found'; readonly route: Route; readonly parameters: Readonly<Record<string, string>> }
  /** The path is known, with other methods. */
  | { readonly kind: 'wrong-method'; readonly allow: readonly string[]; readonly wording: ErrorWording }
  | { readonly kind: 'unknown-path' };

/** Finds the route of a request. A path segment whose percent-encoding is broken matches nothing. */
export function matchRoute(routes: readonly Route[], method: string, path: string): RouteMatch {
  const others: Route[] = [];
  for (const route of routes) {
    const parameters = matchPath(route.path, path);
    if (parameters === null) continue;
    if (route.method === method) return { kind: 'found', route, parameters };
    others.push(route);
  }
  const [first] = others;
  if (first === undefined) return { kind: 'unknown-path' };
  return { kind: 'wrong-method', allow: others.map((route) => route.method), wording: first.wording };
}

function matchPath(pattern: string, path: string): Record<string, string> | null {
  const expected = pattern.split('/');
  const actual = path.split('/');
  if (expected.length !== actual.length) return null;
  const parameters: [string, string][] = [];
  for (const [index, segment] of expected.entries()) {
    const given = decodeSegment(actual[index] ?? '');
    if (given === null || (given === '' && segment !== '')) return null;
    if (segment.startsWith('{')) parameters.push([segment.slice(1, -1), given]);
    else if (segment !== given) return null;
  }
  return Object.fromEntries(parameters);
}

function decodeSegment(segment: string): string | null {
  try {
    return decodeURIComponent(segment);
  } catch {
    return null; // broken percent-encoding: the caller takes it for an unknown path
  }
}
