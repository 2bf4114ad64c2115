import * as v from 'valibot';
import { duration } from './duration.ts';
import { expected, expectedOneOf, type Message, secretAdvice } from './messages.ts';
import { chosen, isMapping, nothing, published, section } from './section.ts';
import { serverUrl, type UrlWording } from './server-url.ts';
import type { PathSchema } from './values.ts';

/** Where the secret is kept; the secret itself is never here. Which keys are known depends on `store`. */
export function secretSchema(path: PathSchema) {
  const stores = {
    keychain: v.pipe(
      section({
        store: v.literal('keychain'),
        deadline: v.optional(duration({ from: '500ms', to: '60s' }), '5s'),
      }),
      v.transform(({ store, deadline }) => ({ store, deadlineMs: deadline })),
    ),
    file: fileStoreSchema(path),
    kubernetes: kubernetesStoreSchema(path),
    memory: section({ store: v.literal('memory') }),
  };
  const names = Object.keys(stores) as (keyof typeof stores)[];
  const unknownStore = nothing(expectedOneOf(names, []), 'store');
  const noMapping = nothing(notAStore(names));
  return chosen([stores.file, stores.keychain, stores.kubernetes, stores.memory], (input) => {
    if (!isMapping(input)) return noMapping;
    const name = names.find((known) => known === input['store']);
    return name === undefined ? unknownStore : stores[name];
  });
}

function notAStore(names: readonly string[]): Message {
  const what = 'where the secret is kept, such as { store: file }';
  return (issue) => {
    if (typeof issue.input !== 'string') return expected(what)(issue);
    return names.includes(issue.input)
      ? `expected a mapping; write secret: { store: ${issue.input} }`
      : `expected ${what}; ${secretAdvice}`;
  };
}

function fileStoreSchema(path: PathSchema) {
  const credentialName = 'the name of a systemd credential, without a path';
  return v.pipe(
    section({
      store: v.literal('file'),
      key_file: v.optional(path),
      credential: v.optional(
        v.pipe(
          v.string(expected(credentialName)),
          v.regex(/^(?!\.{1,2}$)[\w.@-]{1,255}$/, expected(credentialName)),
        ),
      ),
    }),
    v.check(
      ({ key_file, credential }) => key_file === undefined || credential === undefined,
      'give `key_file` or `credential`, not both',
    ),
    published({ not: { required: ['key_file', 'credential'] } }),
    v.transform(({ store, key_file, credential }) => ({ store, key: keySource(key_file, credential) })),
  );
}

const ofApiServer: UrlWording = {
  example: 'https://10.96.0.1:443',
  cargo: 'the secret',
  login: 'the token of the service account is read from token_file',
};

/** Names are those of objects (RFC 1123), so that none of them means something else in the path of a URL. */
function kubernetesStoreSchema(path: PathSchema) {
  return v.pipe(
    section(
      {
        store: v.literal('kubernetes'),
        name: objectName('the name of a Secret, such as tokenward-web-01'),
        namespace: v.optional(objectName('the name of a namespace', /^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/)),
        lease: v.optional(objectName('the name of a Lease, such as tokenward-web-01')),
        api_server: v.optional(serverUrl(ofApiServer)),
        token_file: v.optional(path),
        ca_file: v.optional(path),
      },
      { examples: { name: '${POD_NAME}' } },
    ),
    v.transform(({ store, name, namespace, lease, api_server, token_file, ca_file }) => ({
      store,
      name,
      namespace: namespace ?? null,
      lease: lease ?? name,
      apiServer: api_server ?? null,
      tokenFile: token_file ?? null,
      caFile: ca_file ?? null,
    })),
  );
}

function objectName(
  what: string,
  pattern = /^(?=.{1,253}$)[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/,
) {
  return v.pipe(v.string(expected(what)), v.regex(pattern, expected(what)));
}

/** Where the wrapping key comes from; null = the default key file, which lies in the state folder. */
function keySource(path: string | undefined, credential: string | undefined) {
  if (path !== undefined) return { kind: 'key-file', path } as const;
  return credential === undefined ? null : ({ kind: 'credential', name: credential } as const);
}
