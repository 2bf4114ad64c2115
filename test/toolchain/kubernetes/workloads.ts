import type { Container, PodSpec, PodTemplateSpec } from 'kubernetes-types/core/v1.js';
import type { PolicyRule } from 'kubernetes-types/rbac/v1.js';
import type { KubernetesObject } from './rendered.ts';

/** What the tests ask of a set of objects. */

const workloadKinds = ['StatefulSet', 'DaemonSet', 'Job'];

export interface Workload {
  readonly kind: string;
  readonly name: string;
  readonly replicas: number;
  readonly labels: Readonly<Record<string, string>>;
  readonly pod: PodSpec;
}

export function workloadsIn(objects: readonly KubernetesObject[]): readonly Workload[] {
  return objects
    .filter(({ kind }) => workloadKinds.includes(kind))
    .map(({ kind, metadata, ...object }) => {
      const spec = object['spec'] as { template: PodTemplateSpec; replicas?: number };
      const { template, replicas = 1 } = spec;
      if (template.spec === undefined) throw new Error(`${kind} ${metadata.name} has no pods`);
      const labels = template.metadata?.labels ?? {};
      return { kind, name: metadata.name, replicas, labels, pod: template.spec };
    });
}

/** The container of tokenward in a pod. */
export function tokenwardIn({ initContainers = [] }: PodSpec): Container {
  const found = initContainers.find(({ name }) => name === 'tokenward');
  if (found === undefined) throw new Error('no init container is tokenward');
  return found;
}

export function rulesIn(objects: readonly KubernetesObject[]): readonly PolicyRule[] {
  return objects
    .filter(({ kind }) => kind === 'Role' || kind === 'ClusterRole')
    .flatMap((role) => role['rules'] as PolicyRule[]);
}

/** The configuration that the pods get. */
export function configIn(objects: readonly KubernetesObject[]): string {
  const map = objects.find(({ kind }) => kind === 'ConfigMap') as
    | { readonly data?: Readonly<Record<string, string>> }
    | undefined;
  const text = map?.data?.['config.yaml'];
  if (text === undefined) throw new Error('no ConfigMap has a config.yaml');
  return text;
}

/** What the pods of a workload are called, and the variables that the configuration names. */
export function environmentsOf({ kind, name, replicas }: Workload): readonly Record<string, string>[] {
  const common = { POD_NAMESPACE: 'logging' };
  if (kind === 'StatefulSet')
    return Array.from({ length: replicas }, (_, index) => ({ ...common, POD_NAME: `${name}-${index}` }));
  if (kind === 'DaemonSet')
    return ['node-1.example.com', 'node-2.example.com'].map((node) => ({ ...common, NODE_NAME: node }));
  return [common];
}
