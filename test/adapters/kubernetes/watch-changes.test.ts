import { beforeEach, describe, expect, it } from 'vitest';
import { watchChanges } from '../../../src/platform/kubernetes/watch-changes.ts';
import { systemRandom } from '../../../src/platform/system-random.ts';
import type { FakeCluster } from '../../fakes/kubernetes/cluster.ts';
import { ModelApi, refusal, silence } from '../../fakes/kubernetes/model-api.ts';
import { at, clusterWithSecret, secretPlace } from '../../fakes/kubernetes/pods.ts';
import { ManualClock } from '../../fakes/manual-clock.ts';

describe('a watch on the Secret', () => {
  let cluster: FakeCluster;
  let clock: ManualClock;
  let api: ModelApi;
  let changes: number;
  let ended: AbortController;
  let over: Promise<void>;

  beforeEach(async () => {
    cluster = clusterWithSecret();
    clock = new ManualClock();
    api = new ModelApi(cluster);
    changes = 0;
    ended = new AbortController();
    const told = () => (changes += 1);
    over = watchChanges({ api, at, clock, random: systemRandom }, told, ended.signal);
    await pass(1_000);
  });

  const pass = async (ms: number) => {
    for (let passed = 0; passed < ms; passed += 100) await clock.elapse(100);
  };
  const edit = (label: string) =>
    cluster.edit(secretPlace, (object) => ({
      ...object,
      metadata: { ...object.metadata, labels: { label } },
    }));
  const verbs = () => api.calls.map(({ verb }) => verb);

  it('tells of its beginning and of each change', async () => {
    expect(changes).toBe(1);
    edit('one');
    edit('two');
    await pass(100);
    expect(changes).toBe(3);
    expect(verbs()).toEqual(['get', 'watch']);
    cluster.remove(secretPlace);
    await pass(100);
    expect(changes).toBe(4);
  });

  it('goes on from where a stream ended, and misses nothing', async () => {
    edit('one');
    api.endStreams();
    edit('two');
    expect(changes).toBe(2);
    await pass(2_000);
    expect(changes).toBe(3);
    expect(verbs()).toEqual(['get', 'watch', 'watch']);
  });

  it('reads where the server has forgotten the version', async () => {
    api.endStreams();
    edit('one');
    cluster.compact();
    await pass(4_000);
    expect(verbs()).toEqual(['get', 'watch', 'watch', 'get', 'watch']);
    expect(changes).toBe(2);
  });

  it('says nothing where nothing changed while the network was away', async () => {
    api.fate = () => silence(true);
    api.endStreams(silence(true));
    await pass(120_000);
    const tries = api.calls.length;
    expect(tries).toBeLessThan(12);
    api.fate = () => 'arrives';
    await pass(31_000);
    expect(changes).toBe(1);
    edit('one');
    await pass(100);
    expect(changes).toBe(2);
  });

  it('looks now and then where it may not watch', async () => {
    api.fate = ({ verb }) => (verb === 'watch' ? refusal(403) : 'arrives');
    api.endStreams();
    await pass(16_000);
    edit('one');
    await pass(16_000);
    expect(changes).toBe(2);
    const gets = verbs().filter((verb) => verb === 'get').length;
    await pass(60_000);
    expect(verbs().filter((verb) => verb === 'get').length - gets).toBe(4);
  });

  it('ends with its signal', async () => {
    ended.abort();
    await over;
    edit('one');
    await pass(60_000);
    expect(changes).toBe(1);
  });
});
