import { beforeEach, describe, expect, it } from 'vitest';
import { FileJournal } from '../../../src/journal/file-journal.ts';
import { systemRandom } from '../../../src/platform/system-random.ts';
import { fullRecord, key, rawOf, sessionToken } from '../../contract/journal-contract.ts';
import { MemoryDisk } from '../../fakes/memory-disk.ts';

const folder = '/state';
const paths = { record: `${folder}/journal.sealed`, session: `${folder}/session.sealed` } as const;

let disk: MemoryDisk;
let journal: FileJournal;

const journalOn = (on: MemoryDisk) =>
  new FileJournal({ disk: on, random: systemRandom, folder, agent: 'web-01' });
const image = () => journalOn(disk).open(key);

beforeEach(async () => {
  disk = new MemoryDisk();
  disk.seedFolder(folder);
  journal = journalOn(disk);
  await journal.open(key);
  await journal.saveRecord(fullRecord({ generation: 4 }));
  await journal.saveSession(sessionToken('old token'));
});

describe('what an interrupted write left behind', () => {
  const leftovers = [
    '.journal.sealed.0123456789abcdef.tmp',
    '.session.sealed.0123456789abcdef.tmp',
    '.journal-probe.sealed.0123456789abcdef.tmp',
    'journal-probe.sealed',
    `.raw-${systemRandom.uuid()}.sealed.0123456789abcdef.tmp`,
  ];
  const strangers = [
    '.journal.sealed.tmp',
    'secret.sealed',
    '.secret.sealed.0123456789abcdef.tmp',
    'lock',
    'raw-1.sealed',
  ];

  it('is removed by the next opening, and nothing else is', async () => {
    for (const name of [...leftovers, ...strangers]) disk.seed(`${folder}/${name}`, 'x');
    expect(await image()).toMatchObject({ record: { generation: 4 }, raws: [] });
    const names = [...disk.files().keys()].map((path) => path.slice(folder.length + 1));
    expect(names.toSorted()).toEqual(['journal.sealed', 'session.sealed', ...strangers].toSorted());
  });

  it('is an answer like any other where all of it was written', async () => {
    const raw = rawOf(200);
    await journal.saveRaw(raw);
    const name = `raw-${raw.attempt.id}.sealed`;
    await disk.rename(`${folder}/${name}`, `${folder}/.${name}.0123456789abcdef.tmp`);
    expect((await image()).raws).toEqual([raw]);
    expect([...disk.files().keys()].toSorted()).toEqual([paths.record, `${folder}/${name}`, paths.session]);
  });

  it('is read where it lies, and stays there, as long as the disk does not take it', async () => {
    const raw = rawOf(200);
    await journal.saveRaw(raw);
    const name = `raw-${raw.attempt.id}.sealed`;
    const unnamed = `${folder}/.${name}.0123456789abcdef.tmp`;
    await disk.rename(`${folder}/${name}`, unnamed);
    disk.fault = ([step]) => (step === 'create' ? 'ENOSPC' : null);
    expect((await image()).raws).toEqual([raw]);
    expect(disk.files().has(unnamed)).toBe(true);
    disk.fault = () => null;
    expect((await image()).raws).toEqual([raw]);
    expect(disk.files().has(unnamed)).toBe(false);
  });

  it('is not judged by a key that does not open the record either', async () => {
    const unnamed = `${folder}/.raw-${systemRandom.uuid()}.sealed.0123456789abcdef.tmp`;
    disk.seed(unnamed, 'sealed with another key');
    disk.seed(paths.record, 'this, too');
    expect(await image()).toMatchObject({ record: 'unreadable' });
    expect(disk.files().has(unnamed)).toBe(true);
  });

  it('is no state to protect from a new key', async () => {
    const empty = new MemoryDisk();
    for (const name of [...leftovers, ...strangers]) empty.seed(`${folder}/${name}`, 'x');
    expect(await journalOn(empty).hasState()).toBe(false);
  });
});
