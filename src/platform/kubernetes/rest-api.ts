import type { Lease } from 'kubernetes-types/coordination/v1.js';
import type { Secret } from 'kubernetes-types/core/v1.js';
import type { Disk } from '../../ports/disk.ts';
import { createHttpClient } from '../http/client.ts';
import type { HttpRequest } from '../http/connection.ts';
import type { Environment } from '../http/proxy.ts';
import type { ApiAnswer, KubernetesApi, ObjectName } from './api.ts';
import { answerOf, silent } from './rest-answers.ts';
import { createWatcher } from './watch-stream.ts';

/**
 * The API server over REST (https://kubernetes.io/docs/reference/using-api/api-concepts/). A connection for each call, as a call
 * comes every ten seconds at most, and a server behind a balancer may be another one by then.
 */

/** Milliseconds for one call. A lease that is renewed late is no lease. */
const SECRET_DEADLINE_MS = 10_000;
const LEASE_DEADLINE_MS = 5_000;
const CONNECT_MS = 5_000;
/** A Secret of 1 MiB in base64, with the annotations (256 KiB) and the managed fields around it. */
const MAX_BODY_BYTES = 3 * 1024 * 1024;

export interface RestApiOptions {
  /** E.g. `https://10.96.0.1:443`. */
  readonly url: string;
  /** null = what the system trusts. */
  readonly caFile: string | null;
  /** Of the service account. Read for every call: the kubelet replaces it long before it expires. */
  readonly tokenFile: string;
  readonly env: Environment;
  readonly disk: Pick<Disk, 'read'>;
}

type Call = Omit<HttpRequest, 'headers' | 'maxBodyBytes'>;

/** Throws `CONFIG_INVALID` as `createHttpClient` does. */
export function createRestApi(options: RestApiOptions): KubernetesApi {
  const { url, caFile, env } = options;
  const tls = caFile === null ? {} : { caFile };
  const clientWith = (deadlineMs: number) => {
    const timeouts = { connectMs: CONNECT_MS, headersMs: deadlineMs, bodyMs: deadlineMs };
    return createHttpClient({ url, tls, env, timeouts });
  };
  const clients = { secrets: clientWith(SECRET_DEADLINE_MS), leases: clientWith(LEASE_DEADLINE_MS) };
  const deadlines = { secrets: SECRET_DEADLINE_MS, leases: LEASE_DEADLINE_MS };
  const headers = () => headersWith(options);

  async function call<Kind>(
    resource: 'secrets' | 'leases',
    request: Call,
    signal: AbortSignal,
  ): Promise<ApiAnswer<Kind>> {
    const ended = AbortSignal.any([signal, AbortSignal.timeout(deadlines[resource])]);
    for (let tries = 1; ; tries += 1) {
      const known = await headers();
      if (typeof known === 'string') return silent(false, known);
      const sent = { ...request, headers: known, maxBodyBytes: MAX_BODY_BYTES };
      const answer = answerOf<Kind>(await clients[resource].send(sent, ended));
      // the kubelet may have replaced the token in between
      if (answer.kind !== 'refused' || answer.status !== 401 || tries === 2) return answer;
    }
  }

  function put<Kind>(
    resource: 'secrets' | 'leases',
    path: string,
    object: Secret | Lease,
    signal: AbortSignal,
  ): Promise<ApiAnswer<Kind>> {
    return call(resource, { method: 'PUT', path, body: Buffer.from(JSON.stringify(object)) }, signal);
  }

  return {
    getSecret: (at, signal) =>
      call('secrets', { method: 'GET', path: pathOf('secrets', at), body: null }, signal),
    putSecret: (at, object, { dryRun }, signal) =>
      put('secrets', `${pathOf('secrets', at)}${dryRun ? '?dryRun=All' : ''}`, object, signal),
    getLease: (at, signal) =>
      call('leases', { method: 'GET', path: pathOf('leases', at), body: null }, signal),
    putLease: (at, object, signal) => put('leases', pathOf('leases', at), object, signal),
    watchSecret: createWatcher({ url, tls, env, headers }),
  };
}

const roots = { secrets: '/api/v1', leases: '/apis/coordination.k8s.io/v1' } as const;

/** Names come from the configuration, whose schema lets none in that a URL would need to escape. */
function pathOf(resource: 'secrets' | 'leases', { namespace, name }: ObjectName): string {
  return `${roots[resource]}/namespaces/${namespace}/${resource}/${name}`;
}

/** A sentence where there is no token. Over plain http, which is a proxy on this host, none is needed. */
async function headersWith({
  url,
  tokenFile,
  disk,
}: RestApiOptions): Promise<Record<string, string> | string> {
  const common = {
    accept: 'application/json',
    'content-type': 'application/json',
    'user-agent': 'tokenward',
  };
  if (url.startsWith('http:')) return common;
  let token: string;
  try {
    const content = await disk.read(tokenFile);
    if (content === null) return `there is no token of the service account at ${tokenFile}`;
    token = Buffer.from(content).toString('utf8').trim();
  } catch {
    return `the token of the service account at ${tokenFile} cannot be read`;
  }
  // a value that is none would make the HTTP client throw
  if (!/^[\x21-\x7e]+$/.test(token)) return `${tokenFile} holds no token of a service account`;
  return { ...common, authorization: `Bearer ${token}` };
}
