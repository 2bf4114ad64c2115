import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  renameSync,
  rmSync,
  symlinkSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { SecretFileWatch } from '../../../src/daemon/secret-file-watch.ts';
import { readSecretFile } from '../../../src/platform/secret-file.ts';
import { ManualClock } from '../../fakes/manual-clock.ts';
import { MemoryLog } from '../../fakes/memory-log.ts';
import { SeededRandom } from '../../fakes/seeded-random.ts';
import { eventually } from '../../support/eventually.ts';

/** Secrets dropped into real files in every way, with the real file watcher. */

let folder: string;
let path: string;
let clock: ManualClock;
let adopted: string[];
let told: (string | null)[];
let watch: SecretFileWatch;
const at = (...names: string[]) => join(folder, ...names);

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tokenward-secret-'));
  path = at('secret');
  [clock, adopted, told] = [new ManualClock(), [], []];
  watch = watching(path);
});
afterEach(() => {
  watch.close();
  rmSync(folder, { recursive: true, force: true });
});

function watching(file: string | null): SecretFileWatch {
  return new SecretFileWatch(file, {
    clock,
    log: new MemoryLog(),
    random: new SeededRandom(1),
    read: (each) => readSecretFile(each, process.geteuid?.() ?? 0),
    async adopt(secret) {
      const text = secret.reveal();
      if (adopted.at(-1) === text) return false;
      adopted.push(text);
      return true;
    },
    onUsable: (failure) => void told.push(failure?.message ?? null),
  });
}

/** Lets the moment pass in which the file must be left alone, once something was noticed; the regular look is not waited for. */
async function calm(): Promise<void> {
  if ((clock.nextDueInMs() ?? Infinity) <= 250) await clock.elapse(250);
}

async function adopts(...secrets: string[]): Promise<void> {
  await eventually(async () => {
    await calm();
    expect(adopted).toEqual(secrets);
  });
}

/** Begins, with the first secret in the file. */
async function started(): Promise<void> {
  writeFileSync(path, 'one\n');
  watch.start();
  await adopts('one');
}

describe('a new secret is adopted that', () => {
  it('lay there before', started);

  it('is written in place', async () => {
    await started();
    writeFileSync(path, 'two\n');
    await adopts('one', 'two');
  });

  it('comes by rename', async () => {
    await started();
    for (const text of ['two', 'three']) {
      writeFileSync(at('new'), `${text}\n`);
      renameSync(at('new'), path);
      await eventually(async () => {
        await calm();
        expect(adopted.at(-1)).toBe(text);
      });
    }
    expect(adopted).toEqual(['one', 'two', 'three']);
  });

  it('comes after the file was removed', async () => {
    await started();
    unlinkSync(path);
    await clock.elapse(1_000);
    writeFileSync(path, 'two\n');
    await adopts('one', 'two');
  });

  it('comes into a folder that was removed and made anew', async () => {
    mkdirSync(at('run'));
    path = at('run', 'secret');
    watch.replace(path);
    await started();
    rmSync(at('run'), { recursive: true });
    await clock.elapse(1_000);
    mkdirSync(at('run'));
    writeFileSync(path, 'two\n');
    await adopts('one', 'two');
  });

  it('comes into a folder that was missing', async () => {
    path = at('later', 'secret');
    watch.replace(path);
    watch.start();
    await clock.elapse(1_000);
    mkdirSync(at('later'));
    writeFileSync(path, 'one\n');
    await adopts('one');
  });

  it('comes with another `..data`, as Kubernetes swaps it', async () => {
    const publish = (version: string, text: string) => {
      mkdirSync(at(version));
      writeFileSync(at(version, 'secret'), text);
      symlinkSync(version, at('..data_tmp'));
      renameSync(at('..data_tmp'), at('..data'));
    };
    publish('..1', 'one');
    symlinkSync('..data/secret', path);
    watch.start();
    await adopts('one');
    publish('..2', 'two');
    rmSync(at('..1'), { recursive: true });
    await adopts('one', 'two');
    publish('..3', 'three');
    await adopts('one', 'two', 'three');
  });
});

describe('a secret is not adopted', () => {
  it('while it is being written', async () => {
    await started();
    writeFileSync(path, '');
    await eventually(() => expect(clock.nextDueInMs()).toBeLessThanOrEqual(250));
    writeFileSync(path, 'tw');
    await clock.elapse(100);
    writeFileSync(path, 'two\n');
    await adopts('one', 'two');
    expect(told).toEqual([]);
  });

  it('twice, where the same content comes again', async () => {
    await started();
    for (const again of [
      () => writeFileSync(path, 'one\n'),
      () => writeFileSync(path, 'one'),
      () => unlinkSync(path),
      () => writeFileSync(path, 'one\n'),
    ]) {
      again();
      await eventually(() => expect(clock.nextDueInMs()).toBeLessThanOrEqual(250));
      await clock.elapse(1_000);
    }
    expect(adopted).toEqual(['one']);
  });

  it('before the start, nor after the end', async () => {
    writeFileSync(path, 'one\n');
    await clock.elapse(60_000);
    watch.start();
    await adopts('one');
    watch.close();
    writeFileSync(path, 'two\n');
    await clock.elapse(60_000);
    expect([adopted, clock.nextDueInMs()]).toEqual([['one'], null]);
  });
});

describe('another file', () => {
  it('takes the place of the one before, and of what was said against that', async () => {
    writeFileSync(path, '');
    writeFileSync(at('other'), 'two\n');
    watch.start();
    await eventually(async () => {
      await calm();
      expect(told).toHaveLength(1);
    });
    watch.replace(at('other'));
    await adopts('two');
    writeFileSync(path, 'one\n');
    await clock.elapse(60_000);
    expect([adopted, told.at(-1)]).toEqual([['two'], null]);
  });

  it('may be none, and one again', async () => {
    await started();
    watch.replace(null);
    expect(clock.nextDueInMs()).toBeNull();
    writeFileSync(path, 'two\n');
    watch.replace(path);
    await adopts('one', 'two');
  });
});

describe('permissions that are mended', () => {
  it('are noticed, though the file is the same', async () => {
    writeFileSync(path, 'one\n');
    chmodSync(path, 0o666);
    watch.start();
    await eventually(async () => {
      await calm();
      expect(told[0]).toContain('everybody may write');
    });
    chmodSync(path, 0o600);
    await clock.elapse(30_000);
    await adopts('one');
    expect(told.at(-1)).toBeNull();
  });
});
