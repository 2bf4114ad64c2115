import { readFileSync } from 'node:fs';
import { isDeepStrictEqual } from 'node:util';
import { beforeAll, expect, it } from 'vitest';
import { parse } from 'yaml';
import { parseConfig } from '../../src/config/parse.ts';
import { describePart } from '../support/parts.ts';
import { checkTypes } from './kubernetes/check-types.ts';
import { kustomizations, rendered, type KubernetesObject } from './kubernetes/rendered.ts';
import { configIn, environmentsOf, rulesIn, tokenwardIn, workloadsIn } from './kubernetes/workloads.ts';

/** deploy/kubernetes: every kustomization renders, is of the published API, and keeps what docs/kubernetes.md promises. */

const all = new Map<string, readonly KubernetesObject[]>();
const objectsOf = (folder: string): readonly KubernetesObject[] => all.get(folder) ?? [];
const kinds = (folder: string) => new Set(objectsOf(folder).map(({ kind }) => kind));
const isRestricted = (folder: string) =>
  objectsOf(folder).every(({ metadata }) => metadata.namespace === 'logging');
const withPods = kustomizations.filter((folder) => folder !== 'identity');
/** Those that see a part of their node, which the restricted standard does not allow. */
const ofNodes = withPods.filter((folder) => folder.startsWith('overlays/daemon-set'));
/** Those that keep the secret in a Secret. */
const atTheApi = withPods.filter((folder) => folder !== 'overlays/daemon-set-host');

/** The Secret that a configuration names, with the variables of a pod. */
function secretNamed(config: string, env: Readonly<Record<string, string>>): string {
  const { agents } = parse(config) as { agents: Record<string, { secret: { name: string } }> };
  const [agent] = Object.values(agents);
  return (agent?.secret.name ?? '').replaceAll(/\$\{(\w+)\}/g, (_, name: string) => env[name] ?? '');
}

describePart(['kubernetes-client'], 'deploy/kubernetes', () => {
  beforeAll(async () => {
    for (const folder of kustomizations) all.set(folder, await rendered(folder));
  });

  it('is of the published API, without a field that it does not have', async () => {
    const objects = kustomizations.flatMap(objectsOf);
    expect(objects.length).toBeGreaterThan(30);
    expect(await checkTypes(objects)).toEqual([]);
  });

  it('would be told of a field that is misspelt, of another type, or missing, however deep', async () => {
    const text = JSON.stringify(objectsOf('base').find(({ kind }) => kind === 'StatefulSet'));
    const spoiled = [
      ['"periodSeconds":10', '"periodsSeconds":10'],
      ['"readOnlyRootFilesystem":true', '"readOnlyRootFilesystem":"yes"'],
      ['"serviceName":"log-shipper",', ''],
    ] as const;
    for (const [good, bad] of spoiled) {
      expect(text).toContain(good);
      const complaints = await checkTypes([JSON.parse(text.replace(good, bad)) as KubernetesObject]);
      expect(complaints, bad).toEqual([expect.stringMatching(/^StatefulSet log-shipper: /)]);
    }
  });

  it('is in the restricted namespace, but for what sees a node', () => {
    for (const { kind, metadata } of kustomizations.flatMap(objectsOf))
      if (kind !== 'Namespace')
        expect(metadata.namespace, `${kind} ${metadata.name}`).toMatch(/^(?:node-)?logging$/);
    expect(withPods.filter((folder) => !isRestricted(folder))).toEqual(ofNodes);
  });

  it.each(withPods)('%s keeps to the restricted Pod Security Standard', (folder) => {
    for (const { pod } of workloadsIn(objectsOf(folder))) {
      expect(pod.securityContext).toMatchObject({
        runAsNonRoot: true,
        fsGroup: 10001,
        seccompProfile: { type: 'RuntimeDefault' },
      });
      expect([pod.hostNetwork, pod.hostPID, pod.hostIPC]).toEqual([undefined, undefined, undefined]);
      for (const container of [...(pod.initContainers ?? []), ...pod.containers]) {
        expect(container.securityContext, container.name).toMatchObject({
          allowPrivilegeEscalation: false,
          readOnlyRootFilesystem: true,
          runAsNonRoot: true,
          capabilities: { drop: ['ALL'] },
        });
        expect(container.securityContext?.capabilities?.add).toBeUndefined();
        expect(container.securityContext?.privileged).toBeUndefined();
        expect(container.resources).toHaveProperty('requests.memory');
        expect(container.resources).toHaveProperty('limits.memory');
      }
      const hostPaths = (pod.volumes ?? []).flatMap(({ hostPath }) => hostPath?.path ?? []);
      expect(hostPaths.length > 0, 'only what belongs to a node sees it').toBe(ofNodes.includes(folder));
    }
  });

  it.each(withPods)('%s shares the folder of socket and token file, and nothing else', (folder) => {
    for (const { pod } of workloadsIn(objectsOf(folder))) {
      const tokenward = tokenwardIn(pod);
      expect(tokenward.securityContext).toMatchObject({ runAsUser: 10001, runAsGroup: 10001 });
      for (const { name, securityContext, volumeMounts = [] } of pod.containers) {
        const own = ['tokenward-config', 'tokenward-state', 'tokenward-seeds', 'tokenward-api'];
        expect(
          volumeMounts.filter((mount) => own.includes(mount.name)),
          name,
        ).toEqual([]);
        expect(volumeMounts).toContainEqual({
          name: 'tokenward-run',
          mountPath: '/run/tokenward',
          readOnly: true,
        });
        expect(securityContext?.runAsUser).toBe(10002);
      }
      expect(pod.automountServiceAccountToken).toBe(false);
      expect(pod.terminationGracePeriodSeconds).toBeGreaterThan(25);
      const run = pod.volumes?.find(({ name }) => name === 'tokenward-run');
      if (folder !== 'overlays/daemon-set-host') expect(run?.emptyDir?.medium).toBe('Memory');
      const state = pod.volumes?.find(({ name }) => name === 'tokenward-state');
      expect(state?.emptyDir?.medium, 'an answer is kept on a disk').toBeUndefined();
    }
  });

  it.each(withPods.filter((folder) => folder !== 'overlays/job'))('%s has a native sidecar', (folder) => {
    const [base] = workloadsIn(objectsOf('base'));
    for (const { pod } of workloadsIn(objectsOf(folder))) {
      const { env, volumeMounts, ...sidecar } = tokenwardIn(pod);
      expect(sidecar).toMatchObject({
        restartPolicy: 'Always',
        startupProbe: { httpGet: { path: '/healthz' } },
        livenessProbe: { httpGet: { path: '/healthz' } },
        readinessProbe: { httpGet: { path: '/readyz' } },
      });
      if (base === undefined) throw new Error('the base has no pods');
      const { env: _env, volumeMounts: _mounts, ...ofBase } = tokenwardIn(base.pod);
      expect(isDeepStrictEqual(sidecar, ofBase), 'the same in every variant').toBe(true);
      expect([env, volumeMounts]).not.toContain(undefined);
    }
  });

  it('ends before the shipper starts, in a job', () => {
    const [job] = workloadsIn(objectsOf('overlays/job'));
    if (job === undefined) throw new Error('there is no job');
    const tokenward = tokenwardIn(job.pod);
    expect(tokenward.args).toEqual(['run', '--once', '--deadline', '2m']);
    expect(tokenward.restartPolicy).toBeUndefined();
    expect(job.pod.restartPolicy).toBe('Never');
  });

  it.each(withPods)('%s has a configuration that tokenward takes, in every pod', (folder) => {
    const config = configIn(objectsOf(folder));
    for (const workload of workloadsIn(objectsOf(folder)))
      for (const env of environmentsOf(workload)) {
        const { agents, shutdownGraceMs, listeners } = parseConfig(config, 'config.yaml', env);
        expect(agents).toHaveLength(1);
        const graceMs = (workload.pod.terminationGracePeriodSeconds ?? 0) * 1000;
        expect(graceMs).toBeGreaterThan(shutdownGraceMs);
        expect(listeners).toHaveLength(workload.kind === 'Job' ? 0 : 2);
        const given = tokenwardIn(workload.pod).env?.map(({ name }) => name) ?? [];
        const named = [...config.matchAll(/\$\{(\w+)\}/g)].map(([, name]) => name);
        for (const name of named) expect(given).toContain(name);
      }
  });

  it.each(atTheApi)('%s may use the named objects of its pods, and nothing else', (folder) => {
    const objects = objectsOf(folder);
    const config = configIn(objects);
    const names = new Set(
      workloadsIn(objects).flatMap((workload) =>
        environmentsOf(workload).map((env) => secretNamed(config, env)),
      ),
    );
    const rules = rulesIn(objects);
    expect(rules.map(({ resources, verbs }) => [resources, verbs])).toEqual([
      [['secrets'], ['get', 'update', 'watch']],
      [['leases'], ['get', 'update']],
    ]);
    for (const { resourceNames } of rules) expect(new Set(resourceNames)).toEqual(names);
    expect(objects.map(({ kind }) => kind)).not.toContain('ClusterRole');
    // Nodes have names of their own, whose objects nobody can know here.
    if (folder === 'overlays/daemon-set') return;
    for (const kind of ['Secret', 'Lease']) {
      const made = objectsOf('identity').filter((object) => object.kind === kind);
      for (const name of names) expect(made.map(({ metadata }) => metadata.name)).toContain(name);
    }
  });

  it('has no right at the API where the secret is on the node', () => {
    const objects = objectsOf('overlays/daemon-set-host');
    expect(rulesIn(objects)).toEqual([]);
    for (const { pod } of workloadsIn(objects))
      expect(pod.volumes?.map(({ name }) => name)).not.toContain('tokenward-api');
  });

  it('makes the objects of an identity apart from everything that is deleted, and without data', () => {
    expect(kinds('identity')).toEqual(new Set(['Namespace', 'Secret', 'Lease']));
    for (const object of objectsOf('identity')) {
      if (object.kind === 'Secret')
        expect([object['data'], object['stringData']]).toEqual([undefined, undefined]);
      if (object.kind === 'Lease') expect(object['spec']).toBeUndefined();
    }
    for (const folder of withPods) {
      expect(kinds(folder)).not.toContain('Secret');
      expect(kinds(folder)).not.toContain('Lease');
    }
  });

  it('has the image of this version, and selectors that meet its pods', () => {
    const { version } = JSON.parse(readFileSync('package.json', 'utf8')) as { version: string };
    for (const folder of withPods)
      for (const { pod, labels, name } of workloadsIn(objectsOf(folder))) {
        expect(tokenwardIn(pod).image).toBe(`tokenward:${version}`);
        expect(labels['app.kubernetes.io/name']).toBe(name);
      }
    const budget = objectsOf('base').find(({ kind }) => kind === 'PodDisruptionBudget');
    expect(budget?.['spec']).toMatchObject({
      selector: { matchLabels: { 'app.kubernetes.io/name': 'log-shipper' } },
    });
  });
});
