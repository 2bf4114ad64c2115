import * as v from 'valibot';
import { duration } from './duration.ts';
import { expected } from './messages.ts';
import { published, section } from './section.ts';

/** What is asked for with the token, and how often, to see whether it still works. */
export function probeSchema() {
  return v.pipe(
    section(
      {
        path: requestPath(),
        every: v.optional(duration({ from: '10s', to: '24h' }), '5m'),
      },
      { examples: { path: '/api/v2/version' } },
    ),
    v.transform(({ path, every }) => ({ path, everyMs: every })),
  );
}

/** As it stands in a request, after scheme and host: encoded already, with a query where one is wanted. */
function requestPath() {
  const what = 'a path of the server such as /api/v2/version';
  return v.pipe(
    v.string(expected(what)),
    v.rawTransform(({ dataset, addIssue, NEVER }) => {
      const problem = problemOf(dataset.value, what);
      if (problem === null) return dataset.value;
      addIssue({ message: problem });
      return NEVER;
    }),
    published({ pattern: String.raw`^/(?!/)([!$&-;=?-\[\]_a-z|~]|%[\da-fA-F]{2}){0,2047}$` }),
  );
}

function problemOf(path: string, what: string): string | null {
  if (/^(https?:)?\/\//i.test(path))
    return `expected ${what} alone; scheme and host are those of url, and not repeated here`;
  if (!path.startsWith('/')) return `expected ${what}, which begins with a slash`;
  if (path.includes('#')) return 'must not carry a fragment (#...), which no server sees';
  return /^\/([!$&-;=?-[\]_a-z|~]|%[\da-fA-F]{2}){0,2047}$/.test(path)
    ? null
    : `expected ${what}, with blanks and special characters encoded, such as %20`;
}
