import * as v from 'valibot';
import { duration } from './duration.ts';
import { expected } from './messages.ts';
import { choice, chosen, isMapping, nothing, published, section } from './section.ts';
import { account, fileMode, integer, listOf, type PathSchema, socketPath, tcpAddress } from './values.ts';

/** One entry of `listeners`. Whether it is a Unix socket or a TCP port decides which keys it has. */
export function listenerSchema(path: PathSchema) {
  const unix = unixListenerSchema(path);
  const tcp = tcpListenerSchema();
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

function tcpListenerSchema() {
  return v.pipe(
    section(
      {
        tcp: tcpAddress(),
        serves: listOf(choice(['health', 'metrics'], ['oauth']), 'a list such as [health, metrics]'),
      },
      { later: ['clients'], examples: { serves: '[health, metrics]' } },
    ),
    v.transform(({ tcp, serves }) => ({ kind: 'tcp' as const, host: tcp.host, port: tcp.port, serves })),
  );
}
