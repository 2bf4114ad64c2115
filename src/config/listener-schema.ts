import * as v from 'valibot';
import { isLoopback } from '../platform/http/endpoint.ts';
import { reservedKeys } from './document.ts';
import { duration } from './duration.ts';
import { expected } from './messages.ts';
import { choice, chosen, isMapping, issuePath, nothing, published, section } from './section.ts';
import {
  account,
  fileMode,
  integer,
  listOf,
  loopbackPattern,
  type PathSchema,
  socketPath,
  tcpAddress,
} from './values.ts';

/** One entry of `listeners`. Whether it is a Unix socket or a TCP port decides which keys it has. */
export function listenerSchema(path: PathSchema) {
  const unix = unixListenerSchema(path);
  const tcp = tcpListenerSchema(path);
  const neither = nothing(() => 'a listener has either `unix: PATH` or `tcp: HOST:PORT`');
  return chosen([unix, tcp], (input) => {
    if (!isMapping(input) || 'unix' in input === 'tcp' in input) return neither;
    return 'unix' in input ? unix : tcp;
  });
}

function unixListenerSchema(path: PathSchema) {
  return v.pipe(
    section({
      unix: socketPath(path),
      mode: v.optional(fileMode(), '0660'),
      owner: v.optional(account('user')),
      group: v.optional(account('group')),
      peer_check: v.optional(choice(['kernel', 'none']), 'kernel'),
      limits: v.optional(limitsSchema(), {}),
      allow: v.optional(v.array(allowSchema(), expected('a list')), []),
    }),
    v.transform((listener) => ({
      kind: 'unix' as const,
      path: listener.unix,
      mode: listener.mode,
      owner: listener.owner ?? null,
      group: listener.group ?? null,
      peerCheck: listener.peer_check,
      limits: listener.limits,
      allow: listener.allow,
    })),
  );
}

function limitsSchema() {
  return v.pipe(
    section({
      connections: v.optional(integer(0, 65_536), 8192),
      requests_per_second: v.optional(integer(0, 1_000_000), 0),
      header_deadline: v.optional(duration({ from: '1s', to: '1m' }), '10s'),
      idle_deadline: v.optional(duration({ from: '1s', to: '1h' }), '75s'),
    }),
    v.transform(({ connections, requests_per_second, header_deadline, idle_deadline }) => ({
      connections,
      requestsPerSecond: requests_per_second,
      headerDeadlineMs: header_deadline,
      idleDeadlineMs: idle_deadline,
    })),
  );
}

function allowSchema() {
  return v.pipe(
    section(
      {
        user: v.optional(account('user')),
        group: v.optional(account('group')),
        may: listOf(choice(['token', 'status', 'admin']), 'a list such as [token, status]'),
        agents: v.optional(listOf(agentPattern(), 'a list such as [web-*]')),
      },
      { examples: { may: '[token, status]' } },
    ),
    v.check(
      ({ user, group }) => (user === undefined) !== (group === undefined),
      'give either `user` or `group`',
    ),
    published({ oneOf: [{ required: ['user'] }, { required: ['group'] }] }),
    v.transform(({ user, group, may, agents = null }) =>
      user === undefined
        ? { kind: 'group' as const, account: group ?? '', may, agents }
        : { kind: 'user' as const, account: user, may, agents },
    ),
  );
}

/** Whether it means any of the agents is looked at where all of them are known. */
function agentPattern() {
  const what = 'the name of an agent, in which * stands for any characters, such as web-*';
  return v.pipe(v.string(expected(what)), v.regex(/^[a-z0-9*][a-z0-9._*-]{0,62}$/, expected(what)));
}

/** By name. */
function clientsSchema(path: PathSchema) {
  const name = 'the name of a client is 1 to 63 of the characters a-z, A-Z, 0-9, ".", "_" and "-"';
  const what =
    'a mapping of names to clients, such as fluent-bit: { agent: web-01, secret_file: /etc/tokenward/fluent-bit.key }';
  return v.pipe(
    v.custom<Record<string, unknown>>(isMapping, expected(what)),
    v.record(
      v.pipe(v.string(), v.regex(/^[\w.-]{1,63}$/, name), published({ not: { enum: reservedKeys } })),
      section(
        { agent: v.string(expected('the name of an agent')), secret_file: path },
        { examples: { agent: 'web-01', secret_file: '/etc/tokenward/fluent-bit.key' } },
      ),
      expected(what),
    ),
    v.check((clients) => Object.keys(clients).length > 0, `is empty; expected ${what}`),
    published({ minProperties: 1 }),
  );
}

interface TcpKeys {
  readonly tcp: { readonly host: string };
  readonly serves: readonly string[];
  readonly clients?: unknown;
}

/** Tokens leave this host by no listener, and only clients that are named get one. */
function oauthProblems({
  tcp,
  serves,
  clients,
}: TcpKeys): { readonly key: string; readonly message: string }[] {
  if (!serves.includes('oauth'))
    return clients === undefined
      ? []
      : [
          {
            key: 'clients',
            message: 'are for oauth, which this listener does not serve; add oauth to serves, or remove them',
          },
        ];
  const problems = [];
  if (!isLoopback(tcp.host)) {
    const message = 'oauth gives tokens, and is served on a loopback address only, such as 127.0.0.1:8471';
    problems.push({ key: 'tcp', message });
  }
  if (clients === undefined) {
    const message =
      'oauth needs clients, such as clients: { fluent-bit: { agent: web-01, secret_file: /etc/tokenward/fluent-bit.key } }';
    problems.push({ key: 'serves', message });
  }
  return problems;
}

function tcpListenerSchema(path: PathSchema) {
  return v.pipe(
    section(
      {
        tcp: tcpAddress(),
        serves: listOf(choice(['health', 'metrics', 'oauth']), 'a list such as [health, metrics]'),
        clients: v.optional(clientsSchema(path)),
      },
      { examples: { serves: '[health, metrics]' } },
    ),
    v.rawCheck(({ dataset, addIssue }) => {
      if (!dataset.typed) return;
      for (const { key, message } of oauthProblems(dataset.value))
        addIssue({ message, path: issuePath([key], 'value') });
    }),
    published({
      if: { properties: { serves: { contains: { const: 'oauth' } } } },
      // oxlint-disable-next-line unicorn/no-thenable -- a keyword of JSON Schema
      then: { required: ['clients'], properties: { tcp: { pattern: loopbackPattern } } },
      else: { properties: { clients: false } },
    }),
    v.transform(({ tcp, serves, clients = {} }) => ({
      kind: 'tcp' as const,
      host: tcp.host,
      port: tcp.port,
      serves,
      clients: Object.entries(clients).map(([name, { agent, secret_file: secretFile }]) => ({
        name,
        agent,
        secretFile,
      })),
    })),
  );
}
