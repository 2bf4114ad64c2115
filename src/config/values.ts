import { isIP } from 'node:net';
import { resolve } from 'node:path';
import * as v from 'valibot';
import { expected } from './messages.ts';
import { published } from './section.ts';

/** The kinds of single values that stand in more than one place of the configuration. */

/** A path; a relative one counts from `folder`. Comes out absolute. */
export function pathIn(folder: string) {
  return v.pipe(
    v.string(expected('a path')),
    v.check((text) => text.trim() !== '' && !text.includes('\0'), expected('a path')),
    v.check((text) => !text.startsWith('~/'), '`~/` is not expanded here; write the whole path'),
    published({ pattern: String.raw`^(?!~/)[^\u0000]*[^\s\u0000][^\u0000]*$` }),
    v.transform((text) => resolve(folder, text)),
  );
}

/** Made once for the folder of the configuration file and handed to every part of the schema. */
export type PathSchema = ReturnType<typeof pathIn>;

/** Permission bits. A string, because YAML 1.2 reads an unquoted 0640 as the decimal number 640. */
export function fileMode() {
  const what = 'a mode in quotes, three octal digits after a 0, such as "0640"';
  return v.pipe(
    v.string(expected(what)),
    v.regex(/^0?[0-7]{3}$/, expected(what)),
    v.transform((text) => Number.parseInt(text, 8)),
  );
}

/** A user or group by name or number; comes out as text. Whether the host knows it is not looked at here. */
export function account(kind: 'user' | 'group') {
  const what = `a ${kind} by name or number`;
  return v.pipe(
    v.union([v.string(), v.number()], expected(what)),
    v.transform(String),
    v.regex(/^[^-:\s][^:\s]*$/, expected(what)),
    published({ minimum: 0 }),
  );
}

export function integer(from: number, to: number) {
  const what = `a whole number from ${from} to ${to}`;
  return v.pipe(
    v.number(expected(what)),
    v.integer(expected(what)),
    v.minValue(from, expected(what)),
    v.maxValue(to, expected(what)),
  );
}

/** `HOST:PORT` to listen on: an address or `localhost`, no name that DNS would have to find. Port 0 lets the system pick one. */
export function tcpAddress() {
  const what = 'HOST:PORT such as 127.0.0.1:9464 or [::1]:9464';
  return v.pipe(
    v.string(expected(what)),
    v.rawTransform(({ dataset, addIssue, NEVER }) => {
      const [, ipv6, other, digits] = /^(?:\[([^\]]*)\]|([^:]*)):(\d{1,5})$/.exec(dataset.value) ?? [];
      const host = ipv6 ?? other ?? '';
      const port = Number(digits ?? Number.NaN);
      const known = ipv6 === undefined ? isIP(host) === 4 || host === 'localhost' : isIP(ipv6) === 6;
      if (known && port <= 65_535) return { host, port };
      const everywhere =
        host === '' && digits !== undefined ? `; to listen on all addresses write 0.0.0.0:${digits}` : '';
      addIssue({ message: `expected ${what}, with an IP address or localhost as host${everywhere}` });
      return NEVER;
    }),
    published({ pattern: String.raw`^(localhost|\d{1,3}(\.\d{1,3}){3}|\[[^\]]+\]):\d{1,5}$` }),
  );
}

/** For editors: an address that nobody reaches from another host, or one that the environment gives. */
export const loopbackPattern = String.raw`^(localhost:|127\.|\[::1\]:)|\$\{`;

/** The kernel's `sun_path` holds 108 bytes with the final NUL (unix(7)). */
export function socketPath(path: PathSchema) {
  const largest = 107;
  return v.pipe(
    path,
    v.check(
      (text) => Buffer.byteLength(text) <= largest,
      `the path of a socket is at most ${largest} bytes; choose a shorter folder`,
    ),
  );
}

export function listOf<const Item extends v.GenericSchema>(item: Item, what: string) {
  return v.pipe(v.array(item, expected(what)), v.minLength(1, `is empty; expected ${what}`));
}
