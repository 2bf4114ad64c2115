import { beforeEach, describe, expect, it } from 'vitest';
import { storedSecret, textsOf } from '../../contract/secret-store-contract.ts';
import type { FakeCluster } from '../../fakes/kubernetes/cluster.ts';
import {
  clusterWithSecret,
  createPod,
  elapseUntil,
  type Pod,
  secretPlace,
} from '../../fakes/kubernetes/pods.ts';
import { ManualClock } from '../../fakes/manual-clock.ts';

const { signal } = new AbortController();

describe('two pods with one secret', () => {
  let cluster: FakeCluster;
  let clock: ManualClock;
  let a: Pod;
  let b: Pod;

  beforeEach(async () => {
    cluster = clusterWithSecret();
    clock = new ManualClock();
    a = createPod({ cluster, clock, writer: 'pod-a' });
    b = createPod({ cluster, clock, writer: 'pod-b' });
    await a.store.createKey(signal);
    await a.store.save('current', storedSecret('one', 1), signal);
    await b.store.load(signal);
  });

  const done = <Value>(work: Promise<Value>) => elapseUntil(clock, work);
  const texts = async () => textsOf(await createPod({ cluster }).store.load(signal));

  it('the higher generation goes over the lower one, and nothing else is touched', async () => {
    await b.store.save('current', storedSecret('two', 2), signal);
    await b.store.save('candidate', storedSecret('handed over', 3), signal);
    await done(a.store.save('current', storedSecret('three', 3), signal));
    expect(await texts()).toEqual({ current: 'three', candidate: 'handed over' });
    expect(a.aside).toEqual([]);
  });

  it.each([2, 3])(
    'a secret of generation %i gives way to another one of 3, is kept and told of',
    async (generation) => {
      await b.store.save('current', storedSecret('theirs', 3), signal);
      const save = () => done(a.store.save('current', storedSecret('ours', generation), signal));
      await expect(save()).rejects.toMatchObject({ code: 'AGENT_HELD', fields: { generation } });
      await expect(save()).rejects.toThrow(
        /theirs stands, and ours is kept sealed in \/state\/agents\/web-01\/set-aside$/,
      );
      expect(await texts()).toEqual({ current: 'theirs', candidate: null });
      expect(a.aside).toEqual([generation]);
    },
  );

  it('a save that did not hear its answer is repeated, and is not taken for that of another pod', async () => {
    let cut = false;
    a.api.fate = ({ verb }) => {
      if (cut) return 'lost-request';
      cut = verb === 'update';
      return cut ? 'lost-answer' : 'arrives';
    };
    const save = () => done(a.store.save('current', storedSecret('two', 2), signal));
    await expect(save()).rejects.toMatchObject({ code: 'STORE_UNREACHABLE' });
    a.api.fate = () => 'arrives';
    await save();
    expect(await texts()).toEqual({ current: 'two', candidate: null });
    expect(a.aside).toEqual([]);
  });

  it('a candidate is not removed where another pod put its own', async () => {
    await a.store.save('candidate', storedSecret('ours', 2), signal);
    await b.store.load(signal);
    await b.store.save('candidate', storedSecret('theirs', 2), signal);
    await expect(done(a.store.removeCandidate(signal))).rejects.toMatchObject({ code: 'AGENT_HELD' });
    expect(await texts()).toEqual({ current: 'one', candidate: 'theirs' });
  });

  it('a secret sealed with a key that was replaced meanwhile is not put where nothing could open it', async () => {
    await b.store.createNextKey(signal);
    await b.store.sealAnew(signal);
    await b.store.promoteNextKey(signal);
    await expect(done(a.store.save('current', storedSecret('two', 2), signal))).rejects.toMatchObject({
      code: 'AGENT_HELD',
    });
    expect(await texts()).toEqual({ current: 'one', candidate: null });
    await a.store.load(signal);
    await done(a.store.save('current', storedSecret('two', 2), signal));
    expect(await texts()).toEqual({ current: 'two', candidate: null });
  });

  it('each makes the key, and both have the same', async () => {
    cluster.edit(secretPlace, ({ data: _data, ...object }) => object);
    const [fresh, other] = [createPod({ cluster, clock }), createPod({ cluster, clock })];
    const keys = await done(Promise.all([fresh.store.createKey(signal), other.store.createKey(signal)]));
    expect(keys[0]).toEqual(keys[1]);
  });

  it('a key that somebody altered is told, and never taken for an absent one', async () => {
    cluster.edit(secretPlace, (object) => ({ ...object, data: { ...object.data, key: 'eA==' } }));
    await expect(a.store.load(signal)).rejects.toMatchObject({ code: 'STATE_UNREADABLE' });
  });

  it('is told of the other’s writes, and of none after the end', async () => {
    const ended = new AbortController();
    let changes = 0;
    b.store.watch?.(() => (changes += 1), ended.signal);
    await clock.elapse(1_000);
    expect(changes).toBe(1);
    await done(a.store.save('current', storedSecret('two', 2), signal));
    expect(changes).toBe(2);
    ended.abort();
    await done(a.store.save('current', storedSecret('three', 3), signal));
    expect(changes).toBe(2);
  });
});
