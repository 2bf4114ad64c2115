import { access, constants } from 'node:fs/promises';
import { hostname } from 'node:os';
import { errorCode } from '../platform/system-error.ts';
import type { HostFacts, PodFacts } from './judge-host.ts';

const tokenPath = '/var/run/secrets/kubernetes.io/serviceaccount/token';

export async function probeHost(version: string, env: NodeJS.ProcessEnv): Promise<HostFacts> {
  return {
    nodeVersion: process.version,
    version,
    nativeFailure: await nativeFailure(),
    pod: env['KUBERNETES_SERVICE_HOST'] === undefined ? null : await probePod(),
  };
}

async function probePod(): Promise<PodFacts> {
  const [token, root] = await Promise.all([
    failureOf(access(tokenPath)),
    failureOf(access('/', constants.W_OK)),
  ]);
  return {
    name: hostname(),
    uid: process.geteuid?.() ?? 0,
    hasServiceAccountToken: token === null,
    rootIsReadOnly: root === 'EROFS',
  };
}

async function failureOf(work: Promise<void>): Promise<string | null> {
  try {
    await work;
    return null;
  } catch (error) {
    return errorCode(error) ?? 'unknown error';
  }
}

/** The one thing that is different without them, and quick to ask. */
async function nativeFailure(): Promise<string | null> {
  try {
    const { bindNative } = await import('../platform/native-koffi.ts');
    bindNative();
    return null;
  } catch (error) {
    return errorCode(error) ?? 'it cannot be loaded';
  }
}
