import { readFileSync } from 'node:fs';
import { TokenwardError } from '../../domain/errors.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Disk } from '../../ports/disk.ts';
import type { Random } from '../../ports/random.ts';
import { authorityOf } from '../http/endpoint.ts';
import { readTlsFiles } from '../http/tls-files.ts';
import { errorCode } from '../system-error.ts';
import type { KubernetesApi, ObjectName } from './api.ts';
import { lazyApi } from './lazy-api.ts';
import { SecretObject } from './secret-object.ts';

/** Where a pod finds its API server, its own namespace and who it is (https://kubernetes.io/docs/tasks/run-application/access-api-from-pod/). */

const ACCOUNT_FOLDER = '/var/run/secrets/kubernetes.io/serviceaccount';

export interface KubernetesConfig {
  /** Of the Secret. */
  readonly name: string;
  readonly lease: string;
  /** null = that of the pod. */
  readonly namespace: string | null;
  /** null = as the pod's environment and the files of its service account say. */
  readonly apiServer: string | null;
  readonly tokenFile: string | null;
  readonly caFile: string | null;
}

export interface KubernetesDeps {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly disk: Disk;
  readonly clock: Clock;
  readonly random: Random;
  /** Names this life of this process to others. */
  readonly writer: string;
}

export interface KubernetesObjects {
  readonly api: KubernetesApi;
  readonly object: SecretObject;
  readonly lease: ObjectName;
}

/** Throws `CONFIG_INVALID` where the configuration leaves to the pod what this process, in no pod, does not have. */
export function openKubernetes(config: KubernetesConfig, deps: KubernetesDeps): KubernetesObjects {
  const { env, disk, clock, random, writer } = deps;
  const namespace = config.namespace ?? ownNamespace();
  const url = config.apiServer ?? inCluster(env);
  const caFile = config.caFile ?? (config.apiServer === null ? `${ACCOUNT_FOLDER}/ca.crt` : null);
  const tokenFile = config.tokenFile ?? `${ACCOUNT_FOLDER}/token`;
  const at = { namespace, name: config.name };
  if (caFile !== null) assertUsable(caFile);
  const api = lazyApi({ url, caFile, tokenFile, env, disk });
  return {
    api,
    object: new SecretObject({ api, at, clock, random, writer }),
    lease: { namespace, name: config.lease },
  };
}

function inCluster(env: KubernetesDeps['env']): string {
  const { KUBERNETES_SERVICE_HOST: host, KUBERNETES_SERVICE_PORT: port } = env;
  if (host !== undefined && port !== undefined) return `https://${authorityOf({ host, port: Number(port) })}`;
  const message =
    'this process is in no pod (KUBERNETES_SERVICE_HOST is not set); say where the API server is: secret.api_server';
  throw new TokenwardError('CONFIG_INVALID', message);
}

function ownNamespace(): string {
  const path = `${ACCOUNT_FOLDER}/namespace`;
  try {
    return readFileSync(path, 'utf8').trim();
  } catch (cause) {
    const message = `the namespace of this pod is not at ${path} (${errorCode(cause) ?? 'unknown error'}); write secret.namespace, or let the pod have the token of its service account`;
    throw new TokenwardError('CONFIG_INVALID', message, { cause });
  }
}

/** What counts is read for every connection; here only to complain early. */
function assertUsable(caFile: string): void {
  try {
    readTlsFiles({ caFile });
  } catch (error) {
    if (!(error instanceof TokenwardError)) throw error;
    const message = error.message.replace('tls.ca_file', 'secret.ca_file');
    throw new TokenwardError(error.code, message, { cause: error });
  }
}
