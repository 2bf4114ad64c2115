import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { KubernetesApi, SecretEvent } from '../../../src/platform/kubernetes/api.ts';
import { createRestApi } from '../../../src/platform/kubernetes/rest-api.ts';
import { systemDisk } from '../../../src/platform/system-disk.ts';
import type { FakeCluster } from '../../fakes/kubernetes/cluster.ts';
import { ApiServer, type Fault } from '../../fakes/kubernetes/http-front.ts';
import { at, clusterWithSecret, secretPlace } from '../../fakes/kubernetes/pods.ts';
import { eventually } from '../../support/eventually.ts';
import { matching } from '../../support/matching.ts';
import { throwAwayTls } from '../../support/throw-away-tls.ts';

const { ca, identity } = throwAwayTls();
const { signal } = new AbortController();

describe('the API server over REST', () => {
  let cluster: FakeCluster;
  let server: ApiServer;
  let folder: string;
  let api: KubernetesApi;

  beforeEach(async () => {
    cluster = clusterWithSecret();
    cluster.create({ resource: 'leases', ...at });
    server = await ApiServer.start(cluster, identity);
    server.tokens.add('token-1');
    folder = await mkdtemp(join(tmpdir(), 'tokenward-kubernetes-'));
    await writeFile(join(folder, 'ca.crt'), ca);
    await writeFile(join(folder, 'token'), 'token-1\n');
    api = apiWith();
  });
  afterEach(async () => {
    await server[Symbol.asyncDispose]();
    await rm(folder, { recursive: true });
  });

  const apiWith = (over: { caFile?: string | null } = {}) =>
    createRestApi({
      url: `https://127.0.0.1:${server.port}`,
      caFile: join(folder, 'ca.crt'),
      tokenFile: join(folder, 'token'),
      env: {},
      disk: systemDisk,
      ...over,
    });
  const read = async () => {
    const answer = await api.getSecret(at, signal);
    if (answer.kind !== 'object') throw new Error(`no object: ${JSON.stringify(answer)}`);
    return answer.object;
  };

  it('reads and writes a Secret under its version', async () => {
    const object = await read();
    const next = { ...object, data: { key: 'eA==' } };
    expect(await api.putSecret(at, next, { dryRun: true }, signal)).toMatchObject({ kind: 'object' });
    expect(await read()).toEqual(object);
    const answer = await api.putSecret(at, next, { dryRun: false }, signal);
    expect(answer).toMatchObject({ kind: 'object', object: { data: { key: 'eA==' } } });
    expect(await read()).toEqual((answer as { object: unknown }).object);
    expect(await api.putSecret(at, { ...next, data: {} }, { dryRun: false }, signal)).toMatchObject({
      kind: 'refused',
      status: 409,
      reason: 'Conflict',
      message: matching('the object has been modified'),
    });
  });

  it('reads and writes a Lease', async () => {
    const found = await api.getLease(at, signal);
    if (found.kind !== 'object') throw new Error('no lease');
    const answer = await api.putLease(at, { ...found.object, spec: { holderIdentity: 'a' } }, signal);
    expect(answer).toMatchObject({ kind: 'object', object: { spec: { holderIdentity: 'a' } } });
  });

  it('takes an object of a megabyte', async () => {
    const data = { big: Buffer.alloc(2 ** 20).toString('base64') };
    const answer = await api.putSecret(at, { ...(await read()), data }, { dryRun: false }, signal);
    expect(answer).toMatchObject({ kind: 'object' });
    expect((await read()).data).toEqual(data);
  });

  it('reads the token anew for every call, and once more after a 401', async () => {
    await read();
    server.tokens.clear();
    server.tokens.add('token-2');
    expect(await api.getSecret(at, signal)).toMatchObject({ kind: 'refused', status: 401 });
    expect(server.requests).toHaveLength(3);
    await writeFile(join(folder, 'token'), 'token-2');
    await read();
    expect(server.requests).toHaveLength(4);
  });

  it.each<[string, Fault, object]>([
    ['a 429', { status: 429, retryAfter: 3 }, { kind: 'refused', status: 429, retryAfterMs: 3_000 }],
    ['a 503', { status: 503 }, { kind: 'refused', status: 503, retryAfterMs: null }],
    ['a cut', 'cut', { kind: 'silent', sent: true }],
    ['a cut after the write', 'cut-after', { kind: 'silent', sent: true }],
    ['half an answer', 'half-answer', { kind: 'silent', sent: true }],
  ])('tells of %s', async (_what, fault, answer) => {
    const object = await read();
    server.fault = () => fault;
    const written = await api.putSecret(at, { ...object, data: { key: 'eA==' } }, { dryRun: false }, signal);
    expect(written).toMatchObject(answer);
    const isMade = fault === 'cut-after' || fault === 'half-answer';
    expect(cluster.get(secretPlace).data?.['key']).toBe(isMade ? 'eA==' : undefined);
  });

  it('tells of a server that is away, another authority, and a token that is missing', async () => {
    expect(await apiWith({ caFile: null }).getSecret(at, signal)).toMatchObject({
      kind: 'silent',
      sent: false,
    });
    await rm(join(folder, 'token'));
    const detail = `there is no token of the service account at ${join(folder, 'token')}`;
    expect(await api.getSecret(at, signal)).toEqual({ kind: 'silent', sent: false, detail });
    await writeFile(join(folder, 'token'), 'two\nlines');
    expect(await api.getSecret(at, signal)).toMatchObject({ detail: matching('holds no token') });
    await writeFile(join(folder, 'token'), 'token-1');
    server.partition();
    expect(await api.getSecret(at, signal)).toMatchObject({ kind: 'silent', sent: false });
  });

  const edit = (label: string) =>
    cluster.edit(secretPlace, (object) => ({
      ...object,
      metadata: { ...object.metadata, labels: { label } },
    }));
  const start = (from: string) => {
    const events: SecretEvent[] = [];
    const ended = new AbortController();
    const end = api.watchSecret(at, from, (event) => events.push(event), ended.signal);
    return {
      events,
      ended,
      end,
      tells: (...kinds: string[]) => eventually(() => expect(events.map(({ kind }) => kind)).toEqual(kinds)),
    };
  };

  describe('a watch', () => {
    it('tells of what was missed, of changes and bookmarks, and of its end', async () => {
      const from = cluster.version;
      edit('one');
      const watch = start(from);
      await watch.tells('changed');
      edit('two');
      await watch.tells('changed', 'changed');
      cluster.tick(10);
      server.bookmark();
      await watch.tells('changed', 'changed', 'bookmark');
      expect(watch.events.at(-1)?.resourceVersion).toBe(cluster.version);
      cluster.remove(secretPlace);
      await watch.tells('changed', 'changed', 'bookmark', 'deleted');
      server.endStreams();
      expect(await watch.end).toEqual({ kind: 'closed' });
    });

    it('is told that its version is forgotten, in the stream', async () => {
      const from = cluster.version;
      edit('one');
      cluster.compact();
      expect(await start(from).end).toEqual({ kind: 'gone' });
    });

    it('is told that it may not, or that nobody is there', async () => {
      server.allows = ({ verb }) => verb !== 'watch';
      expect(await start(cluster.version).end).toMatchObject({ kind: 'refused', status: 403 });
      server.partition();
      expect(await start(cluster.version).end).toMatchObject({ kind: 'silent' });
    });

    it('ends when it is cut, and with its signal', async () => {
      const watch = start(cluster.version);
      edit('one');
      await watch.tells('changed');
      server.partition();
      expect(await watch.end).toMatchObject({ kind: 'silent', sent: true });
      server.heal();
      const other = start(cluster.version);
      edit('two');
      await other.tells('changed');
      other.ended.abort();
      expect(await other.end).toMatchObject({ kind: 'silent' });
    });
  });
});
