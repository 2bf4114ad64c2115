import { beforeEach, describe, expect, it } from 'vitest';
import { FileJournal } from '../../../src/journal/file-journal.ts';
import { MemoryDisk } from '../../fakes/memory-disk.ts';
import { SeededRandom } from '../../fakes/seeded-random.ts';
import { attempt, record, token } from '../../unit/domain/fixtures.ts';

/** What is set aside of a journal, and each kept answer by itself. */

const folder = '/state/agents/web-01';
const id = (number: number) => `00000000-0000-4000-8000-00000000000${number}`;
const answer = { kind: 'unanswered', reason: 'reset' } as const;

let disk: MemoryDisk;
let journal: FileJournal;

beforeEach(async () => {
  disk = new MemoryDisk();
  disk.seedFolder(folder);
  journal = new FileJournal({ disk, random: new SeededRandom(1), folder, agent: 'web-01' });
  await journal.open(Buffer.alloc(32, 1));
  await journal.saveRecord(record());
  await journal.saveSession(token());
  for (const number of [2, 1]) {
    const sentAt = { ...attempt().sentAt, wallMs: number };
    await journal.saveRaw({ attempt: attempt({ id: id(number), sentAt }), answer });
  }
});

const names = () => [...disk.files().keys()].map((path) => path.slice(folder.length + 1)).toSorted();

describe('the answers', () => {
  it('come one by one, the oldest first and what cannot be read last', async () => {
    disk.seed(`${folder}/raw-${id(1)}.sealed`, 'not sealed');
    const answers = await journal.answers();
    expect(answers.map(({ attempt: of }) => of)).toEqual([id(2), id(1)]);
    expect(answers.map(({ raw }) => (raw === 'unreadable' ? raw : raw.attempt.id))).toEqual([
      id(2),
      'unreadable',
    ]);
  });
});

describe('setting aside', () => {
  it.each([
    ['record', ['journal.sealed']],
    ['session', ['session.sealed']],
    ['answers', [`raw-${id(1)}.sealed`, `raw-${id(2)}.sealed`]],
    [{ answer: id(2) }, [`raw-${id(2)}.sealed`]],
    [{ answer: id(3) }, []],
  ] as const)('%j', async (part, moved) => {
    const before = disk.files();
    const content = moved.map((name) => before.get(`${folder}/${name}`));
    const attic = await journal.openAttic('aside');
    await journal.setAside(part, attic);
    expect(names().filter((name) => name.startsWith('aside/'))).toEqual(moved.map((name) => `aside/${name}`));
    expect(moved.map((name) => disk.files().get(`${attic.place}/${name}`))).toEqual(content);
    expect(names()).toHaveLength(4);
  });

  it('survives a power cut', async () => {
    const attic = await journal.openAttic('aside');
    await journal.setAside('record', attic);
    disk = disk.crash(() => 0);
    expect(names()).toContain('aside/journal.sealed');
    expect(names()).not.toContain('journal.sealed');
  });

  it('needs no key', async () => {
    const locked = new FileJournal({ disk, random: new SeededRandom(2), folder, agent: 'web-01' });
    await locked.setAside('session', await locked.openAttic('aside'));
    expect(names()).toContain('aside/session.sealed');
  });

  it('makes nothing where nothing is', async () => {
    await journal.setAside({ answer: id(3) }, await journal.openAttic('aside'));
    expect(await disk.list(`${folder}/aside`)).toBeNull();
  });

  it('takes another name where one is taken', async () => {
    for (const part of ['record', 'session'] as const)
      await journal.setAside(part, await journal.openAttic('aside'));
    expect(names()).toContain('aside/journal.sealed');
    expect(names()).toContain('aside-2/session.sealed');
  });

  it('is no state any more', async () => {
    for (const part of ['record', 'session', 'answers'] as const)
      await journal.setAside(part, await journal.openAttic('aside'));
    expect(await journal.hasState()).toBe(false);
  });
});
