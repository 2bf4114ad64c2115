import { beforeEach, describe, expect, it } from 'vitest';
import { FileJournal } from '../../../src/journal/file-journal.ts';
import { seal, type RecordKind } from '../../../src/platform/seal.ts';
import { systemRandom } from '../../../src/platform/system-random.ts';
import { fullRecord, key, rawOf, sessionToken } from '../../contract/journal-contract.ts';
import { MemoryDisk } from '../../fakes/memory-disk.ts';
import { powerCuts } from '../../fakes/power-cuts.ts';

const folder = '/state';
const agent = 'web-01';
const paths = { record: `${folder}/journal.sealed`, session: `${folder}/session.sealed` } as const;

let disk: MemoryDisk;
let journal: FileJournal;

const journalOn = (on: MemoryDisk, name = agent) =>
  new FileJournal({ disk: on, random: systemRandom, folder, agent: name });
const image = (on = disk, withKey = key) => journalOn(on).open(withKey);

beforeEach(async () => {
  disk = new MemoryDisk();
  disk.seedFolder(folder);
  journal = journalOn(disk);
  await journal.open(key);
  await journal.saveRecord(fullRecord({ generation: 4 }));
  await journal.saveSession(sessionToken('old token'));
});

/** Replaces a file's contents behind the journal's back. */
function tamper(path: string, change: (bytes: Uint8Array) => Uint8Array): void {
  const bytes = disk.files().get(path);
  if (bytes === undefined) throw new Error(`nothing at ${path}`);
  disk.seed(path, change(bytes));
}

describe('a record that cannot be opened', () => {
  it.each(['record', 'session'] as const)(
    'is unreadable, whichever bit of the %s is another one',
    async (part) => {
      const path = paths[part];
      const sealed = disk.files().get(path) ?? new Uint8Array();
      for (let index = 0; index < sealed.length; index += 1) {
        disk.seed(path, Uint8Array.from(sealed).with(index, (sealed[index] ?? 0) ^ (1 << (index % 8))));
        expect((await image())[part], `byte ${index}`).toBe('unreadable');
      }
    },
  );

  it.each([0, 1, 40, 41])('is unreadable when cut to %d bytes', async (length) => {
    tamper(paths.record, (bytes) => bytes.subarray(0, length));
    expect((await image()).record).toBe('unreadable');
    expect(await journal.hasState()).toBe(true);
  });

  it('makes all answers unreadable where it is one of them', async () => {
    await journal.saveRaw(rawOf(502));
    await journal.saveRaw(rawOf(200));
    const [path = ''] = [...disk.files().keys()].filter((name) => name.includes('raw-'));
    tamper(path, (bytes) => bytes.with(50, (bytes[50] ?? 0) ^ 1));
    expect((await image()).raws).toBe('unreadable');
  });

  it('is not touched', async () => {
    tamper(paths.record, (bytes) => bytes.with(50, (bytes[50] ?? 0) ^ 1));
    const before = new Map(disk.files());
    await image();
    expect(disk.files()).toEqual(before);
  });

  it.each([
    ['another key', async () => image(disk, new Uint8Array(32).fill(8))],
    ["another agent's name", async () => journalOn(disk, 'web-02').open(key)],
  ])('with %s', async (_what, opened) => {
    expect(await opened()).toMatchObject({ record: 'unreadable', session: 'unreadable' });
  });

  it.each([
    ['the session in the place of the record', paths.session, paths.record, 'record'],
    ['the record in the place of the session', paths.record, paths.session, 'session'],
  ] as const)('is %s', async (_what, from, to, part) => {
    disk.seed(to, disk.files().get(from));
    expect((await image())[part]).toBe('unreadable');
  });

  it.each([
    ['a newer version of the format', JSON.stringify({ version: 2, value: { generation: 4 } })],
    ['no version at all', JSON.stringify({ generation: 4 })],
    ['null', 'null'],
    ['no JSON', 'TWRD'],
    ['nothing', ''],
  ])('is authentic but %s', async (_what, text) => {
    const put = (path: string, kind: RecordKind) =>
      disk.seed(path, seal(key, { agent, generation: 4, kind }, Buffer.from(text), systemRandom));
    put(paths.record, 'journal');
    put(paths.session, 'session');
    put(`${folder}/raw-${systemRandom.uuid()}.sealed`, 'raw');
    expect(await image()).toEqual({ record: 'unreadable', session: 'unreadable', raws: 'unreadable' });
  });
});

describe('a power cut during a write', () => {
  const raw = rawOf(200);
  const writes = {
    record: () => journal.saveRecord(fullRecord({ generation: 5 })),
    session: () => journal.saveSession(sessionToken('new token')),
    raw: () => journal.saveRaw(raw),
  };

  it.each(['record', 'session', 'raw'] as const)(
    'of a %s leaves the old one or the new one, at every step',
    async (write) => {
      const before = disk.operations.length;
      await writes[write]();
      const steps = disk.operations.length - before;
      for (let cut = 0; cut <= steps; cut += 1) {
        disk.failAt(disk.operations.length + cut, 'EIO');
        const failed = await writes[write]().then(
          () => false,
          () => true,
        );
        for (const survivor of powerCuts(disk)) {
          const { record, session, raws } = await image(survivor);
          expect([4, 5]).toContain(record !== 'unreadable' && record?.generation);
          expect(['old token', 'new token']).toContain(session !== 'unreadable' && session?.text.reveal());
          expect(raws).not.toBe('unreadable');
        }
        expect(failed, `step ${cut} of ${steps}`).toBe(cut < steps);
      }
    },
  );

  it.each([
    ['record', { record: { generation: 5 } }],
    ['session', { session: sessionToken('new token') }],
    ['raw', { raws: [raw] }],
  ] as const)('right after a %s takes nothing of it', async (write, expected) => {
    await writes[write]();
    expect(await image(disk.crash(() => 0))).toMatchObject(expected);
  });

  it('takes nothing of what a start has read, though a killed process did not live to sync it', async () => {
    disk.fault = ([step]) => (step === 'sync-folder' ? 'EIO' : null);
    await expect(writes.record()).rejects.toMatchObject({ code: 'EIO' });
    disk.fault = () => null;
    expect(await image()).toMatchObject({ record: { generation: 5 } });
    expect(await image(disk.crash(() => 0))).toMatchObject({ record: { generation: 5 } });
  });

  it('right after answers were dropped does not bring them back', async () => {
    await journal.saveRaw(raw);
    await journal.dropRaws(raw.attempt.id);
    expect((await image(disk.crash(() => 0))).raws).toEqual([]);
  });
});

describe('the pre-flight', () => {
  const largest = {
    ...rawOf(200),
    answer: {
      kind: 'http' as const,
      status: 200,
      headers: { 'retry-after': 'x'.repeat(4096) },
      body: Buffer.alloc(64 * 1024, 255),
      complete: true,
    },
  };

  it('writes at least as much as any record may need, and syncs it', async () => {
    const sizes: number[] = [];
    disk.fault = ([step, path]) => {
      if (step === 'sync') sizes.push(disk.files().get(path ?? '')?.length ?? 0);
      return null;
    };
    await journal.proveWritable();
    await journal.saveRaw(largest);
    const [probe = 0, answer = 0] = sizes;
    expect(answer).toBeGreaterThan(64 * 1024);
    expect(probe).toBeGreaterThanOrEqual(answer);
  });

  it.each(['create', 'write', 'sync', 'rename', 'sync-folder', 'remove'])(
    'rejects where the disk fails to %s',
    async (failing) => {
      disk.fault = ([step]) => (step === failing ? 'ENOSPC' : null);
      await expect(journal.proveWritable()).rejects.toMatchObject({
        code: 'STATE_DIR_UNUSABLE',
        message: expect.stringContaining('ENOSPC') as string,
      });
      disk.fault = () => null;
      expect(await image()).toMatchObject({ record: { generation: 4 } });
      expect(disk.files().size).toBe(2);
    },
  );
});

describe('a journal that was not opened', () => {
  it('is a bug to write to, and writes nothing', async () => {
    const closed = journalOn(new MemoryDisk());
    await expect(closed.saveRecord(fullRecord())).rejects.toMatchObject({ code: 'INTERNAL' });
  });
});

describe('what is on the disk', () => {
  it('holds no text of a secret, and nobody else may read it', async () => {
    await journal.saveRaw(rawOf(200, 0, 'an answer with a new secret'));
    for (const [path, bytes] of disk.files()) {
      expect(Buffer.from(bytes).toString('latin1')).not.toMatch(/kept|previous|old token|new secret/);
      expect(await disk.stat(path)).toMatchObject({ mode: 0o600 });
    }
  });
});
