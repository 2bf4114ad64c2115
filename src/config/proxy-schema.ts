import * as v from 'valibot';
import { isLoopback } from '../platform/http/endpoint.ts';
import { byteSize } from './byte-size.ts';
import { duration } from './duration.ts';
import { expected } from './messages.ts';
import { choice, issuePath, published, section } from './section.ts';
import {
  account,
  fileMode,
  listOf,
  loopbackPattern,
  type PathSchema,
  socketPath,
  tcpAddress,
} from './values.ts';

/** One entry of `proxies`: where it listens, whose token it puts in, and who may send what through it. */
export function proxySchema(path: PathSchema) {
  return v.pipe(
    section(
      {
        listen: v.optional(v.pipe(tcpAddress(), published({ allOf: [{ pattern: loopbackPattern }] }))),
        unix: v.optional(socketPath(path)),
        mode: v.optional(fileMode(), '0660'),
        owner: v.optional(account('user')),
        group: v.optional(account('group')),
        agent: v.string(expected('the name of an agent')),
        client_key_file: v.optional(path),
        peer: v.optional(section({ user: account('user') }, { examples: { user: 'fluent' } })),
        methods: v.optional(listOf(choice(knownMethods), 'a list such as [POST]'), ['POST', 'PUT']),
        paths: v.optional(listOf(pathPattern(), 'a list such as [/api/v2/events]'), [...ingestionPaths]),
        max_body: v.optional(byteSize({ from: '1KiB', to: '1GiB' }), '16MiB'),
        rejected: v.optional(
          listOf(v.picklist(rejections, expected('401, 403 or 440')), 'a list such as [401, 403, 440]'),
          [...rejections],
        ),
        answer_deadline: v.optional(duration({ from: '1s', to: '10m' }), '1m'),
      },
      { examples: { agent: 'web-01', listen: '127.0.0.1:8472' } },
    ),
    v.rawCheck(({ dataset, addIssue }) => {
      if (!dataset.typed) return;
      for (const { key, message } of problemsOf(dataset.value)) {
        addIssue(key === null ? { message } : { message, path: issuePath([key], 'value') });
      }
    }),
    published({
      oneOf: [
        { required: ['listen'], not: { anyOf: [{ required: ['owner'] }, { required: ['group'] }] } },
        { required: ['unix'] },
      ],
      anyOf: [{ required: ['client_key_file'] }, { required: ['peer'] }],
    }),
    v.transform((proxy) => ({
      kind: 'proxy' as const,
      place: placeOf(proxy),
      agent: proxy.agent,
      clientKeyFile: proxy.client_key_file ?? null,
      peerUser: proxy.peer?.user ?? null,
      methods: proxy.methods,
      paths: proxy.paths,
      maxBody: proxy.max_body,
      rejected: proxy.rejected,
      answerDeadlineMs: proxy.answer_deadline,
    })),
  );
}

const knownMethods = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'] as const;
const rejections = [401, 403, 440] as const;
/** Of the ingestion APIs. */
const ingestionPaths = ['/api/v2/events', '/api/v2/events/ingest/*', '/api/v1/events/ingest/*'] as const;

interface ProxyKeys {
  readonly listen?: { readonly host: string; readonly port: number } | undefined;
  readonly unix?: string | undefined;
  readonly mode: number;
  readonly owner?: string | undefined;
  readonly group?: string | undefined;
  readonly client_key_file?: string | undefined;
  readonly peer?: unknown;
}

function problemsOf(proxy: ProxyKeys): { readonly key: string | null; readonly message: string }[] {
  const { listen, unix, owner, group } = proxy;
  if ((listen === undefined) === (unix === undefined))
    return [{ key: null, message: 'a proxy has either `listen: HOST:PORT` or `unix: PATH`' }];
  const problems: { key: string | null; message: string }[] = [];
  if (listen !== undefined && !isLoopback(listen.host)) {
    const message =
      'a proxy listens on a loopback address only, such as 127.0.0.1:8472: who reaches it sends in the name of the agent';
    problems.push({ key: 'listen', message });
  }
  if (listen !== undefined && (owner ?? group) !== undefined) {
    const key = owner === undefined ? 'group' : 'owner';
    problems.push({ key, message: 'belongs to a socket (`unix`), and has no effect on a port; remove it' });
  }
  if (proxy.client_key_file === undefined && proxy.peer === undefined) {
    const message =
      'says nothing of who may use it; give client_key_file (openssl rand -base64 32 makes a key), or peer: { user: NAME }';
    problems.push({ key: null, message });
  }
  return problems;
}

function placeOf({ listen, unix, mode, owner, group }: ProxyKeys) {
  return unix === undefined
    ? { kind: 'tcp' as const, host: listen?.host ?? '', port: listen?.port ?? 0 }
    : { kind: 'unix' as const, path: unix, mode, owner: owner ?? null, group: group ?? null };
}

/** In plain ASCII, as it stands in a request; `*` is one segment, or a part of one. */
function pathPattern() {
  const what = 'a path such as /api/v2/events, in which * stands for one segment';
  return v.pipe(
    v.string(expected(what)),
    v.check((pattern) => plainPath.test(pattern), expected(what)),
    published({ pattern: plainPath.source }),
  );
}

/** Without dot segments, which no request through the proxy may have either. */
const plainPath = /^(\/(?!\.{1,2}(\/|$))[\w.~!$&'()*+,;=:@-]+)+$/;
