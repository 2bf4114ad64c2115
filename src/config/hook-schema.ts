import * as v from 'valibot';
import { command } from './command.ts';
import { duration } from './duration.ts';
import { expected } from './messages.ts';
import { choice, chosen, isMapping, nothing, published, section } from './section.ts';
import { endpointUrl, isPlainHttp, type UrlWording } from './server-url.ts';
import { isEmptyTls, tlsForHttps, tlsSchema, tlsWithoutEffect } from './tls-schema.ts';
import type { PathSchema } from './values.ts';

/** One entry of `hooks`: what is done when a new token is in the files, named by the key that it has. */
export function hookSchema(path: PathSchema) {
  const kinds = { signal: signalSchema(path), http: httpSchema(path), exec: execSchema() };
  const { signal, http, exec } = kinds;
  const names = Object.keys(kinds) as (keyof typeof kinds)[];
  const example = '{ signal: HUP, pid_file: /run/vector.pid }';
  const none = nothing(() => `a hook is one of ${names.join(', ')}, such as ${example}`);
  return chosen([signal, http, exec], (input) => {
    const [name, ...others] = isMapping(input) ? names.filter((known) => known in input) : [];
    return name === undefined || others.length > 0 ? none : kinds[name];
  });
}

/** After which a try is given up. */
const timeout = () => v.optional(duration({ from: '1s', to: '5m' }), '10s');

function signalSchema(path: PathSchema) {
  return v.pipe(
    section({
      signal: choice(['HUP', 'USR1', 'USR2', 'TERM']),
      pid_file: v.optional(path),
      unit: v.optional(unitName()),
      process: v.optional(processName()),
      timeout: timeout(),
    }),
    v.check(
      ({ pid_file: file, unit }) => (file === undefined) !== (unit === undefined),
      'give either `pid_file` or `unit`, the process that gets the signal',
    ),
    published({ oneOf: [{ required: ['pid_file'] }, { required: ['unit'] }] }),
    v.transform(({ signal, pid_file: file, unit, process, timeout: timeoutMs }) => ({
      kind: 'signal' as const,
      signal,
      target:
        file === undefined
          ? { kind: 'unit' as const, unit: unit ?? '' }
          : { kind: 'pid-file' as const, path: file },
      process: process ?? null,
      timeoutMs,
    })),
  );
}

/** Only services have a main process. */
function unitName() {
  const what = 'the name of a systemd service such as fluent-bit.service';
  return v.pipe(
    v.string(expected(what)),
    v.regex(/^[A-Za-z0-9_][\w:.\\@-]{0,245}\.service$/, expected(what)),
  );
}

function processName() {
  const what = 'the name of a program such as vector, as `ps -o comm` shows it';
  return v.pipe(v.string(expected(what)), v.regex(/^[^/\s\0]{1,255}$/, expected(what)));
}

const ofHooks: UrlWording = {
  example: 'http://127.0.0.1:2020/api/v2/reload',
  cargo: 'the request',
  login: 'a hook brings no credentials',
};

function httpSchema(path: PathSchema) {
  const request = v.pipe(
    section(
      {
        method: v.optional(choice(['POST', 'PUT', 'GET']), 'POST'),
        url: endpointUrl(ofHooks),
        tls: v.optional(tlsSchema(path), {}),
      },
      { examples: { url: ofHooks.example } },
    ),
    v.check(({ url, tls }) => !isPlainHttp(url) || isEmptyTls(tls), tlsWithoutEffect),
    published({ anyOf: tlsForHttps }),
  );
  return v.pipe(
    section({ http: request, timeout: timeout() }),
    v.transform(({ http, timeout: timeoutMs }) => ({ kind: 'http' as const, ...http, timeoutMs })),
  );
}

function execSchema() {
  return v.pipe(
    section({ exec: command('[/usr/bin/systemctl, reload, vector]'), timeout: timeout() }),
    v.transform(({ exec, timeout: timeoutMs }) => ({ kind: 'exec' as const, command: exec, timeoutMs })),
  );
}
