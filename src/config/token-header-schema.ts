import * as v from 'valibot';
import { expected, secretAdvice } from './messages.ts';
import { published, section } from './section.ts';

/** How a token is shown to the server: the header's name, and the word before the token. */
export function tokenHeaderSchema() {
  return section({
    name: v.optional(headerName()),
    scheme: v.optional(v.nullable(scheme())),
  });
}

/** Headers that belong to the connection or to the request itself (RFC 9110 §7.2, §7.6, §8, §10.1). */
const taken =
  'accept accept-encoding connection content-encoding content-length content-type expect host http2-settings keep-alive max-forwards proxy-authenticate proxy-authorization proxy-connection te trailer transfer-encoding upgrade'.split(
    ' ',
  );

/** RFC 9110 §5.6.2. */
const token = String.raw`[\w!#$%&'*+.^\x60|~-]{1,64}`;

function headerName() {
  const what = 'the name of a header, such as Authorization or X-JWT-Token';
  return v.pipe(
    v.string(expected(what)),
    v.regex(new RegExp(`^${token}$`), expected(what)),
    v.check(
      (name) => !taken.includes(name.toLowerCase()),
      'this header has a meaning of its own in every request; name the one in which the server wants the token',
    ),
    published({ not: { pattern: `^(${taken.map(anyCase).join('|')})$` } }),
  );
}

/** No flags in a JSON Schema. */
function anyCase(word: string): string {
  return word.replaceAll(/[a-z]/g, (letter) => `[${letter.toUpperCase()}${letter}]`);
}

function scheme() {
  const what = 'the one word before the token, such as Bearer, or "" where there is none';
  return v.pipe(
    v.string(expected(what)),
    v.regex(new RegExp(`^(${token})?$`), (issue) => `${expected(what)(issue)}; ${secretAdvice}`),
  );
}

interface Given {
  readonly name?: string | undefined;
  readonly scheme?: string | null | undefined;
}

/** Another header than the product's own has the token alone in it, where no scheme is named. */
export function tokenHeaderOf(
  given: Given,
  own: { readonly name: string; readonly scheme: string | null },
): { readonly name: string; readonly scheme: string | null } {
  const name = given.name ?? own.name;
  const isOwn = name.toLowerCase() === own.name.toLowerCase();
  const word = given.scheme === undefined ? (isOwn ? own.scheme : null) : given.scheme;
  return { name, scheme: word === '' ? null : word };
}
