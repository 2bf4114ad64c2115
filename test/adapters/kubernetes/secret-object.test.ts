import { beforeEach, describe, expect, it } from 'vitest';
import { SecretObject, type Change } from '../../../src/platform/kubernetes/secret-object.ts';
import { systemRandom } from '../../../src/platform/system-random.ts';
import { FakeCluster, type Place, type StoredObject } from '../../fakes/kubernetes/cluster.ts';
import { type Call, type Fate, ModelApi, refusal, silence } from '../../fakes/kubernetes/model-api.ts';
import { ManualClock } from '../../fakes/manual-clock.ts';

const at = { namespace: 'logs', name: 'web-01' };
const place: Place = { resource: 'secrets', ...at };
const { signal } = new AbortController();

const bytes = (text: string) => new Uint8Array(Buffer.from(text));
const set = (key: string, text: string | null, expected: string | null = null): Change => ({
  set: () => ({ [key]: text === null ? null : bytes(text) }),
  expects: { [key]: expected === null ? null : bytes(expected) },
});

/** The first write has this fate. */
function first(fate: Fate): (call: Call) => Fate {
  let isFirst = true;
  return ({ verb }) => {
    if (verb !== 'update' || !isFirst) return 'arrives';
    isFirst = false;
    return fate;
  };
}

describe('the one Secret of an agent', () => {
  let cluster: FakeCluster;
  let clock: ManualClock;

  beforeEach(() => {
    cluster = new FakeCluster();
    clock = new ManualClock();
    cluster.create(place);
  });

  function pod(writer = 'pod-a') {
    const api = new ModelApi(cluster);
    const object = new SecretObject({ api, at, clock, random: systemRandom, writer });
    return { api, object };
  }

  /** What is in the cluster, as text. */
  const data = () =>
    Object.fromEntries(
      Object.entries(cluster.get(place).data ?? {}).map(([key, value]) => [
        key,
        Buffer.from(value, 'base64').toString(),
      ]),
    );
  const writes = () => cluster.writes.length - 1;

  /** Lets time pass until the work is done. */
  async function done<Value>(work: Promise<Value>): Promise<Value> {
    const ended = { yet: false };
    const end = () => (ended.yet = true);
    work.then(end, end);
    while (!ended.yet) await clock.elapse(100);
    return work;
  }

  it('is written as a whole, with all that others have in it', async () => {
    cluster.edit(place, (object) => ({ ...object, data: { other: 'eA==' } }));
    const { object } = pod();
    await object.change(set('record', 'one'), signal);
    const image = await object.change(set('record', 'two', 'one'), signal);
    expect(data()).toEqual({ other: 'x', record: 'two' });
    expect(image.data.get('record')).toEqual(bytes('two'));
    expect(cluster.get(place).metadata?.annotations).toEqual({ 'tokenward.io/written-by': 'pod-a' });
  });

  it('asks for it once where several want to know at the same time, and anew later', async () => {
    const { api, object } = pod();
    const images = await Promise.all([object.read(signal), object.read(signal), object.read(signal)]);
    expect(api.calls).toHaveLength(1);
    expect(new Set(images.map(({ uid }) => uid)).size).toBe(1);
    cluster.edit(place, (found) => ({ ...found, data: { key: 'eA==' } }));
    expect((await object.read(signal)).data.get('key')).toEqual(bytes('x'));
  });

  it('does not write what is there already', async () => {
    const { object } = pod();
    await object.change(set('record', 'one'), signal);
    await object.change(set('record', 'one', 'one'), signal);
    expect(writes()).toBe(1);
  });

  it('writes again over what a stranger edited meanwhile', async () => {
    const { object } = pod();
    await object.change(set('record', 'one'), signal);
    cluster.edit(place, (found) => ({ ...found, metadata: { ...found.metadata, labels: { team: 'logs' } } }));
    await done(object.change(set('record', 'two', 'one'), signal));
    expect(data()).toEqual({ record: 'two' });
    expect(cluster.get(place).metadata?.labels).toEqual({ team: 'logs' });
  });

  it('does not write over what another pod wrote, and names it', async () => {
    const [a, b] = [pod('pod-a'), pod('pod-b')];
    await a.object.change(set('record', 'one'), signal);
    await b.object.change(set('record', 'two', 'one'), signal);
    const late = done(a.object.change(set('record', 'three', 'one'), signal));
    await expect(late).rejects.toMatchObject({ code: 'AGENT_HELD' });
    await expect(late).rejects.toThrow(/^pod-b wrote to the Secret logs\/web-01 meanwhile/);
    expect(data()).toEqual({ record: 'two' });
  });

  it('writes over what another pod wrote where the change says so, and keeps all else of it', async () => {
    const [a, b] = [pod('pod-a'), pod('pod-b')];
    await a.object.change(set('current', 'one'), signal);
    await b.object.change(set('current', 'two', 'one'), signal);
    await b.object.change(set('record', 'theirs'), signal);
    const asked: string[] = [];
    const overTheirs = (theirs: ReadonlyMap<string, Uint8Array>) => {
      asked.push(Buffer.from(theirs.get('current') ?? []).toString());
      return true;
    };
    await done(a.object.change({ ...set('current', 'three', 'one'), overTheirs }, signal));
    expect(asked).toEqual(['two']);
    expect(data()).toEqual({ current: 'three', record: 'theirs' });
  });

  describe('when the answer to a write is lost', () => {
    it.each<[string, Fate]>([
      ['after the server took it', 'lost-answer'],
      ['before the server saw it', 'lost-request'],
      ['with a 500', refusal(500)],
      ['with a 504', refusal(504)],
      ['with a 429 that says when', refusal(429, 2_000)],
      ['before it was sent', silence(false)],
    ])('%s, it is made once', async (_when, fate) => {
      const { api, object } = pod();
      await object.change(set('record', 'one'), signal);
      api.fate = first(fate);
      await done(object.change(set('record', 'two', 'one'), signal));
      expect(data()).toEqual({ record: 'two' });
      expect(writes()).toBe(2);
    });

    it('and it was taken, and a stranger edited it since: it is recognised', async () => {
      const { api, object } = pod();
      await object.change(set('record', 'one'), signal);
      api.fate = (call) => {
        if (call.verb !== 'update') return 'arrives';
        api.fate = () => 'arrives';
        return 'lost-answer';
      };
      const work = object.change(set('record', 'two', 'one'), signal);
      await clock.elapse(10);
      cluster.edit(place, (found) => ({
        ...found,
        metadata: { ...found.metadata, labels: { team: 'logs' } },
      }));
      await done(work);
      expect(writes()).toBe(3);
      expect(data()).toEqual({ record: 'two' });
    });

    it('and it arrives after it was made again: it comes to nothing', async () => {
      const { api, object } = pod();
      await object.change(set('record', 'one'), signal);
      api.fate = first('late');
      await done(object.change(set('record', 'two', 'one'), signal));
      await done(object.change(set('record', 'three', 'two'), signal));
      api.deliverLate();
      expect(data()).toEqual({ record: 'three' });
    });

    it('and it arrives between the look and the second try: it is recognised', async () => {
      const { api, object } = pod();
      await object.change(set('record', 'one'), signal);
      let updates = 0;
      api.fate = (call) => {
        if (call.verb !== 'update') return 'arrives';
        updates += 1;
        if (updates === 1) return 'late';
        if (updates === 2) api.deliverLate();
        return 'arrives';
      };
      await done(object.change(set('record', 'two', 'one'), signal));
      expect(data()).toEqual({ record: 'two' });
      expect(writes()).toBe(2);
    });

    it('and nobody can be asked: the next write does not take its own predecessor for that of another pod', async () => {
      const { api, object } = pod();
      await object.change(set('record', 'one'), signal);
      let cut = false;
      api.fate = (call) => {
        if (cut) return 'lost-request';
        cut = call.verb === 'update';
        return cut ? 'lost-answer' : 'arrives';
      };
      const failed = done(object.change(set('record', 'two', 'one'), signal));
      await expect(failed).rejects.toMatchObject({ code: 'STORE_UNREACHABLE' });
      expect(data()).toEqual({ record: 'two' });
      api.fate = () => 'arrives';
      await done(object.change(set('record', 'three', 'one'), signal));
      expect(data()).toEqual({ record: 'three' });
    });
  });

  it.each<[string, Fate, string, RegExp]>([
    ['silence', silence(true), 'STORE_UNREACHABLE', /gave no answer about Secret logs\/web-01 \(timeout\)/],
    ['a 401', refusal(401), 'STORE_UNAVAILABLE', /does not know the token of the service account/],
    ['a 403', refusal(403), 'STORE_UNAVAILABLE', /resourceNames: \[web-01\], verbs: \[get, update, watch\]/],
    ['a 404', refusal(404), 'STORE_UNAVAILABLE', /kubectl --namespace logs create secret generic web-01$/],
    ['a 429', refusal(429, 60_000), 'STORE_UNAVAILABLE', /too many requests/],
    ['a 503', refusal(503), 'STORE_UNAVAILABLE', /is in trouble \(503: made up\)/],
  ])('says what %s means', async (_what, fate, code, words) => {
    const { api, object } = pod();
    api.fate = () => fate;
    const read = done(object.read(signal));
    await expect(read).rejects.toMatchObject({ code });
    await expect(read).rejects.toThrow(words);
    const retryAfterMs = typeof fate === 'object' && 'retryAfterMs' in fate ? fate.retryAfterMs : null;
    await expect(read).rejects.toMatchObject({ retryAfterMs });
  });

  it('says that an immutable one cannot be used', async () => {
    cluster.edit(place, (object: StoredObject) => ({ ...object, immutable: true }));
    const { object } = pod();
    await expect(object.change(set('record', 'one'), signal)).rejects.toThrow(
      /is immutable, so no secret can be kept/,
    );
  });

  it('proves that it could be written, and writes nothing', async () => {
    const { object, api } = pod();
    await object.read(signal);
    cluster.edit(place, (found) => ({ ...found, metadata: { ...found.metadata, labels: { team: 'logs' } } }));
    const before = cluster.version;
    await object.prove({ probe: bytes('x') }, signal);
    expect(cluster.version).toBe(before);
    await expect(object.prove({ probe: new Uint8Array(2 ** 20 + 1) }, signal)).rejects.toThrow(
      /was not taken \(422/,
    );
    api.fate = (call) => (call.verb === 'update' ? refusal(403) : 'arrives');
    await expect(object.prove({ probe: bytes('x') }, signal)).rejects.toThrow(/may not update the Secret/);
  });

  it('does one thing after the other', async () => {
    const { object } = pod();
    const changes = ['a', 'b', 'c', 'd'].map((key) => object.change(set(key, key), signal));
    await Promise.all(changes);
    expect(data()).toEqual({ a: 'a', b: 'b', c: 'c', d: 'd' });
    expect(writes()).toBe(4);
  });
});
