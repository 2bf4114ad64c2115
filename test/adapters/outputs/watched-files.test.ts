import {
  chmodSync,
  chownSync,
  lstatSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  rmdirSync,
  symlinkSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { OutputSet } from '../../../src/outputs/output-set.ts';
import { systemDisk } from '../../../src/platform/system-disk.ts';
import { systemRandom } from '../../../src/platform/system-random.ts';
import { ManualClock } from '../../fakes/manual-clock.ts';
import { MemoryLog } from '../../fakes/memory-log.ts';
import { TokenFileCounts } from '../../fakes/token-file-counts.ts';
import { eventually } from '../../support/eventually.ts';
import { TemporaryFolder } from './fixtures/temporary-folder.ts';
import { bare, tokenOf } from './fixtures/tokens.ts';

/** The promise to users: what others do to a token file is undone within 2 s. */
const promised = { withinMs: 2_000 };
const asRoot = process.getuid?.() === 0;

let base: TemporaryFolder;
let folder: string;
let path: string;
let clock: ManualClock;
let log: MemoryLog;
let told: string[];
let outputs: OutputSet;

beforeEach(async () => {
  base = new TemporaryFolder();
  folder = base.join('run');
  mkdirSync(folder);
  path = `${folder}/web-01.token`;
  await watchAt(path);
});
afterEach(async () => {
  await outputs.close(new AbortController().signal);
  base[Symbol.dispose]();
  expect(log.lines).toEqual([]);
});

async function watchAt(watched: string): Promise<void> {
  [clock, log, told] = [new ManualClock(), new MemoryLog(), []];
  outputs = new OutputSet([{ path: watched, ...bare, mode: 0o640 }], {
    disk: systemDisk,
    clock,
    random: systemRandom,
    log,
    meter: () => new TokenFileCounts(),
    onFailed: (_output, { code }) => void told.push(code),
    onWorking: () => void told.push('works'),
    onTampered: (where, what) => void told.push(`${where} tampered: ${what.join(', ')}`),
    onDropped: () => undefined,
    onPlaced: () => undefined,
    onRestored: (where) => void told.push(`${where} restored`),
  });
  await outputs.publish(tokenOf('the-token'));
  await outputs.watch();
}

function expectOurs(): void {
  const { mode, uid } = lstatSync(path);
  expect([readFileSync(path, 'utf8'), mode & 0o7777, uid]).toEqual(['the-token', 0o640, process.getuid?.()]);
  expect(lstatSync(path).isFile()).toBe(true);
}

function replaceByRename(content: string): void {
  writeFileSync(`${folder}/new`, content, { mode: 0o640 });
  renameSync(`${folder}/new`, path);
}

describe('a token file that others meddle with is restored within 2 s', () => {
  const deeds: [string, () => void][] = [
    ['removed', () => unlinkSync(path)],
    ['content', () => writeFileSync(path, 'forged')],
    ['content', () => writeFileSync(path, '')],
    ['content', () => replaceByRename('forged')],
    ['mode', () => chmodSync(path, 0o666)],
    [
      'replaced',
      () => {
        symlinkSync('/etc/hostname', `${folder}/link`);
        renameSync(`${folder}/link`, path);
      },
    ],
  ];
  if (asRoot) deeds.push(['owner', () => chownSync(path, 1, 1)]);

  it.each(deeds)('%s', async (what, deed) => {
    deed();
    await eventually(() => expect(told).toEqual([`${path} tampered: ${what}`]), promised);
    await eventually(expectOurs, promised);
    deed();
    await eventually(expectOurs, promised);
  });

  it('also right after a rotation of our own, while the watch is still busy with that', async () => {
    for (const sequence of [2, 3, 4]) {
      await outputs.publish(tokenOf('another-token', sequence));
      await outputs.publish(tokenOf('the-token', sequence));
      chmodSync(path, 0o666);
      await eventually(expectOurs, promised);
    }
  });

  it('but not where only a person can do it, until that is done', async () => {
    unlinkSync(path);
    mkdirSync(path);
    await eventually(() => expect(told.at(-1)).toBe('OUTPUT_UNUSABLE'), promised);
    rmdirSync(path);
    await eventually(expectOurs, promised);
    await eventually(() => expect(told.at(-1)).toBe('works'));
  });

  it('and the alert ends when it has been left alone for a while', async () => {
    unlinkSync(path);
    await eventually(expectOurs, promised);
    await eventually(async () => {
      await clock.elapse(30_000);
      expect(told).toEqual([`${path} tampered: removed`, `${path} restored`]);
    });
  });

  it('many times over, at a measured pace', async () => {
    for (let times = 0; times < 5; times += 1) {
      unlinkSync(path);
      await eventually(expectOurs, promised);
    }
    unlinkSync(path);
    await eventually(() => expect(clock.nextDueInMs()).toBeLessThanOrEqual(1_000));
    expect(() => lstatSync(path)).toThrow('ENOENT');
    await clock.elapse(1_000);
    await eventually(expectOurs, promised);
    expect(told).toEqual([`${path} tampered: removed`]);
  });
});

describe('the folder of a token file', () => {
  it('may be replaced by another, which is watched from then on', async () => {
    renameSync(folder, base.join('old'));
    mkdirSync(folder);
    await eventually(expectOurs, promised);
    chmodSync(path, 0o600);
    await eventually(expectOurs, promised);
    expect(told.at(-1)).toBe(`${path} tampered: removed, mode`);
  });

  it('may vanish and come back much later', async () => {
    for (let times = 0; times < 2; times += 1) {
      rmSync(folder, { recursive: true });
      await eventually(() => expect(told.at(-1)).toBe('OUTPUT_UNUSABLE'), promised);
      mkdirSync(folder);
      await eventually(expectOurs, promised);
      await eventually(() => expect(told.at(-1)).toBe('works'));
    }
    writeFileSync(path, 'forged');
    await eventually(expectOurs, promised);
  });

  it('may be a symbolic link', async () => {
    await outputs.close(new AbortController().signal);
    symlinkSync('run', base.join('link'));
    await watchAt(base.join('link', 'web-01.token'));
    unlinkSync(path);
    await eventually(expectOurs, promised);
    chmodSync(path, 0o644);
    await eventually(expectOurs, promised);
  });
});

describe('a file whose token is dead', () => {
  beforeEach(() => {
    outputs.onInvalid = 'remove';
    outputs.withdraw(1);
  });

  it('is removed by us, which is no meddling, and belongs to whoever makes it then', async () => {
    await eventually(() => expect(() => lstatSync(path)).toThrow('ENOENT'));
    await clock.elapse(60_000);
    writeFileSync(path, 'of another');
    await clock.elapse(60_000);
    expect([readFileSync(path, 'utf8'), told]).toEqual(['of another', []]);
  });

  it('is guarded again with the next token', async () => {
    await outputs.publish(tokenOf('the-token', 2));
    await eventually(expectOurs);
    unlinkSync(path);
    await eventually(expectOurs, promised);
    expect(told).toEqual([`${path} tampered: removed`]);
  });
});

describe('what is no meddling', () => {
  it('our own rotations', async () => {
    for (let sequence = 2; sequence < 40; sequence += 1) {
      await outputs.publish(tokenOf(`token-${sequence}`, sequence));
    }
    await outputs.publish(tokenOf('the-token', 40));
    await clock.elapse(60_000);
    expectOurs();
    expect(told).toEqual([]);
  });

  it('reading, touching and writing the same again', async () => {
    readFileSync(path);
    writeFileSync(path, 'the-token');
    await clock.elapse(60_000);
    expectOurs();
  });
});
