import { failing, type Line, ok, warning } from './line.ts';

/** The runtime, and the container around it. */
export interface HostFacts {
  readonly nodeVersion: string;
  readonly version: string;
  /** Why the system calls cannot be had; null where they can. */
  readonly nativeFailure: string | null;
  /** null outside Kubernetes. */
  readonly pod: PodFacts | null;
}

export interface PodFacts {
  readonly name: string;
  readonly uid: number;
  readonly hasServiceAccountToken: boolean;
  readonly rootIsReadOnly: boolean;
}

const leastNode = 24;

export function judgeHost({ nodeVersion, version, nativeFailure, pod }: HostFacts): readonly Line[] {
  return [
    judgeRuntime(nodeVersion, version),
    judgeNative(nativeFailure),
    ...(pod === null ? [] : judgePod(pod)),
  ];
}

function judgeRuntime(nodeVersion: string, version: string): Line {
  const what = `tokenward ${version}`;
  const major = Number(/^v?(\d+)/.exec(nodeVersion)?.[1]);
  if (major >= leastNode) return ok('host-runtime', { what, detail: `Node.js ${nodeVersion}` });
  return failing('host-runtime', {
    what,
    detail: `Node.js ${nodeVersion} is too old`,
    mend: `install Node.js ${leastNode} or later`,
  });
}

function judgeNative(failure: string | null): Line {
  const what = 'native parts';
  if (failure === null) return ok('host-native', { what, detail: 'loaded: locks and peer checks work' });
  return failing('host-native', {
    what,
    detail: `not loaded (${failure}): nothing can be locked, and peers cannot be checked`,
    mend: 'reinstall tokenward for this processor',
    code: 'STATE_DIR_UNUSABLE',
  });
}

function judgePod({ name, uid, hasServiceAccountToken, rootIsReadOnly }: PodFacts): readonly Line[] {
  const what = `pod ${name}`;
  return [
    uid === 0
      ? warning('pod-user', {
          what,
          detail: 'it runs as root, which it does not need',
          mend: 'securityContext: { runAsNonRoot: true, runAsUser: 10001, fsGroup: 10001 }',
        })
      : ok('pod-user', { what, detail: `it runs as uid ${uid}` }),
    hasServiceAccountToken
      ? warning('pod-service-account', {
          what,
          detail: 'a token for the Kubernetes API is mounted, and no agent keeps its secret there',
          mend: 'automountServiceAccountToken: false',
        })
      : ok('pod-service-account', { what, detail: 'no token for the Kubernetes API is mounted' }),
    rootIsReadOnly
      ? ok('pod-root-folder', { what, detail: 'its root folder is read-only' })
      : warning('pod-root-folder', {
          what,
          detail: 'its root folder can be written to',
          mend: 'securityContext: { readOnlyRootFilesystem: true }',
        }),
  ];
}
