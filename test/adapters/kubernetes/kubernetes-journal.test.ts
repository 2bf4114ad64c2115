import { beforeEach, describe, expect, it } from 'vitest';
import type { RawAnswer } from '../../../src/domain/journal-entry.ts';
import type { KubernetesJournal } from '../../../src/journal/kubernetes-journal.ts';
import { fullRecord, key, rawOf, sessionToken } from '../../contract/journal-contract.ts';
import type { FakeCluster } from '../../fakes/kubernetes/cluster.ts';
import { refusal, silence } from '../../fakes/kubernetes/model-api.ts';
import {
  clusterWithSecret,
  createPod,
  elapseUntil,
  newVolume,
  secretPlace,
} from '../../fakes/kubernetes/pods.ts';
import { ManualClock } from '../../fakes/manual-clock.ts';

const opened = async (journal: KubernetesJournal) => {
  await journal.open(key);
  return journal;
};

const idOf = (raw: RawAnswer) => raw.attempt.id;
const sized = (wallMs: number, status = 200, bytes = 64 * 1024) => rawOf(status, wallMs, 'x'.repeat(bytes));

describe('a journal in a Kubernetes Secret', () => {
  let cluster: FakeCluster;
  let clock: ManualClock;

  beforeEach(() => {
    cluster = clusterWithSecret();
    clock = new ManualClock();
  });

  const pod = (options: { writer?: string; disk?: ReturnType<typeof newVolume> } = {}) =>
    createPod({ cluster, clock, ...options });
  const keys = () => Object.keys(cluster.get(secretPlace).data ?? {}).toSorted();
  const done = <Value>(work: Promise<Value>) => elapseUntil(clock, work);

  it('gives a pod without a volume everything that the one before it had', async () => {
    const raw = rawOf(200);
    const record = fullRecord();
    const { journal } = pod();
    await opened(journal);
    await journal.saveRecord(record);
    await journal.saveRaw(raw);
    await journal.saveSession(sessionToken());
    const next = pod({ writer: 'pod-b' });
    expect(await next.journal.open(key)).toEqual({ record, session: sessionToken(), raws: [raw] });
    expect(await next.journal.hasState()).toBe(true);
    await next.journal.dropRaws(null);
    expect(keys()).toEqual(['record', 'session']);
  });

  it('writes nothing to the object when it is opened, whatever is on the volume', async () => {
    const { journal, api, disk } = pod();
    await opened(journal);
    api.fate = (call) => (call.verb === 'update' ? refusal(403) : 'arrives');
    const raw = rawOf(200);
    await journal.saveRaw(raw);
    const before = cluster.version;
    const again = pod({ disk: disk as ReturnType<typeof newVolume> });
    expect((await again.journal.open(key)).raws).toEqual([raw]);
    expect(cluster.version).toBe(before);
    await again.journal.saveRecord(fullRecord());
    expect(keys()).toEqual([`raw-${idOf(raw)}`, 'record']);
  });

  it('has an answer as soon as the volume has it, and says that the object has not', async () => {
    const { journal, api, log } = pod();
    await opened(journal);
    api.fate = () => silence(true);
    const raw = rawOf(200);
    await journal.saveRaw(raw);
    for (let second = 0; second < 30; second += 1) await clock.elapse(1_000);
    expect(log.lines).toMatchObject([
      { level: 'warn', event: 'answer-on-volume-only', fields: { code: 'STORE_UNREACHABLE' } },
    ]);
    expect(keys()).toEqual([]);
    api.fate = () => 'arrives';
    await done(journal.saveSession(sessionToken()));
    expect(keys()).toEqual([`raw-${idOf(raw)}`, 'session']);
  });

  it('has an answer in the object where the volume takes nothing, and fails where neither does', async () => {
    const disk = newVolume();
    const { journal, api } = pod({ disk });
    await opened(journal);
    disk.fault = ([step]) => (step === 'create' ? 'ENOSPC' : null);
    const raw = rawOf(200);
    await journal.saveRaw(raw);
    expect(keys()).toEqual([`raw-${idOf(raw)}`]);
    api.fate = () => silence(true);
    await expect(done(journal.saveRaw(rawOf(200, 1)))).rejects.toMatchObject({ code: 'STORE_UNREACHABLE' });
  });

  it('gives up spare answers for room, the oldest first, and leaves on the volume what has none', async () => {
    const { journal } = pod();
    await opened(journal);
    const spare = [sized(0, 502), sized(1, 502)];
    const granted = [2, 3, 4, 5, 6, 7].map((wallMs) => sized(wallMs));
    for (const raw of [...spare, ...granted]) await journal.saveRaw(raw);
    await journal.saveSession(sessionToken());
    const there = keys().filter((each) => each.startsWith('raw-'));
    expect(there.toSorted()).toEqual(
      granted
        .slice(0, 5)
        .map((raw) => `raw-${idOf(raw)}`)
        .toSorted(),
    );
    expect((await journal.answers()).map(({ attempt }) => attempt)).toEqual([...spare, ...granted].map(idOf));
    const size = Object.values(cluster.get(secretPlace).data ?? {}).join('').length * 0.75;
    expect(size).toBeLessThan(2 ** 20);
    // a place that becomes free is taken
    await journal.dropRaws(idOf(granted[0] as RawAnswer));
    await journal.saveSession(sessionToken('next'));
    expect(keys()).toContain(`raw-${idOf(granted[5] as RawAnswer)}`);
  });

  it('does not write over the record of another pod', async () => {
    const [a, b] = [pod(), pod({ writer: 'pod-b' })];
    await opened(a.journal);
    await a.journal.saveRecord(fullRecord());
    await opened(b.journal);
    const theirs = fullRecord({ intent: null });
    await b.journal.saveRecord(theirs);
    const code = 'AGENT_HELD';
    await expect(done(a.journal.saveRecord(fullRecord({ generation: 5 })))).rejects.toMatchObject({ code });
    await expect(done(a.journal.saveSession(sessionToken()))).rejects.toMatchObject({ code });
    await expect(done(a.journal.dropRaws(null))).resolves.toBeUndefined();
    expect((await pod().journal.open(key)).record).toEqual(theirs);
    // the answer of an attempt of its own harms nobody
    await a.journal.saveRaw(rawOf(200));
    await clock.elapse(5_000);
    expect(keys()).toHaveLength(2);
  });

  it('notices another pod although it has read the object for the secret since', async () => {
    const [a, b] = [pod(), pod({ writer: 'pod-b' })];
    await opened(a.journal);
    await a.journal.saveRecord(fullRecord());
    await opened(b.journal);
    await b.journal.saveRecord(fullRecord({ intent: null }));
    await a.store.load(new AbortController().signal);
    await expect(a.journal.saveRecord(fullRecord())).rejects.toMatchObject({ code: 'AGENT_HELD' });
  });

  it('passes over an answer on the volume that an older key seals, where its secret is spent', async () => {
    const disk = newVolume();
    const before = pod({ disk });
    await opened(before.journal);
    await before.journal.saveRaw(rawOf(200));
    await before.journal.dropRaws(null);
    const lone = pod({ disk });
    lone.api.fate = (call) => (call.verb === 'update' ? refusal(403) : 'arrives');
    await lone.journal.open(new Uint8Array(32).fill(9));
    await lone.journal.saveRaw(rawOf(200));
    const other = pod({ writer: 'pod-b' });
    await opened(other.journal);
    await other.journal.saveRecord(fullRecord({ generation: 5 }));
    expect((await pod({ disk }).journal.open(key)).raws).toEqual([]);
    await other.journal.saveRecord(fullRecord({ generation: 4 }));
    expect((await pod({ disk }).journal.open(key)).raws).toBe('unreadable');
  });

  it('shows a standby what the holder wrote, and writes nothing', async () => {
    const { journal } = pod();
    await opened(journal);
    const [record, session] = [fullRecord(), sessionToken()];
    await journal.saveRecord(record);
    await journal.saveSession(session);
    const before = cluster.version;
    expect(await pod({ writer: 'pod-b' }).journal.peek(key, null)).toEqual({ record, session });
    expect(cluster.version).toBe(before);
  });

  it.each([
    ['of the generation in use', 0, true],
    ['that was settled without it', 1, false],
  ])('has a standby bring up an answer on its volume, one %s', async (_which, later, broughtUp) => {
    const disk = newVolume();
    const cutOff = pod({ disk });
    await opened(cutOff.journal);
    cutOff.api.fate = (call) => (call.verb === 'update' ? refusal(403) : 'arrives');
    const raw = rawOf(200);
    await cutOff.journal.saveRaw(raw);
    const holder = pod({ writer: 'pod-b' });
    await opened(holder.journal);
    await holder.journal.saveRecord(fullRecord({ generation: raw.attempt.generation + later }));
    const standby = pod({ disk, writer: 'pod-a again' });
    await standby.journal.peek(key, null);
    expect(keys().includes(`raw-${idOf(raw)}`)).toBe(broughtUp);
    const version = cluster.version;
    await standby.journal.peek(key, null);
    expect(cluster.version, 'once').toBe(version);
    expect((await pod().journal.open(key)).raws).toEqual(broughtUp ? [raw] : []);
  });

  it('sets aside what is in the object and on the volume', async () => {
    const disk = newVolume();
    const { journal } = pod({ disk });
    await opened(journal);
    const raw = rawOf(200);
    await journal.saveRecord(fullRecord());
    await journal.saveRaw(raw);
    await clock.elapse(100);
    const attic = await journal.openAttic('set-aside-now');
    await journal.setAside('record', attic);
    await journal.setAside('session', attic);
    await journal.setAside('answers', attic);
    expect(keys()).toEqual([]);
    expect(await disk.list(attic.place)).toEqual([
      `kubernetes-raw-${idOf(raw)}.sealed`,
      'kubernetes-record.sealed',
      `raw-${idOf(raw)}.sealed`,
    ]);
    expect(await pod({ disk }).journal.open(key)).toEqual({ record: null, session: null, raws: [] });
  });
});
