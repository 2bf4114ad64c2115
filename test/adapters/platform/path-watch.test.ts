import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { appearance, PathWatch, wayTo } from '../../../src/platform/path-watch.ts';
import { ManualClock } from '../../fakes/manual-clock.ts';
import { eventually } from '../../support/eventually.ts';

/** The way to a file that others write, and when somebody is told to look. Real folders and links. */

let folder: string;
const at = (...names: string[]) => join(folder, ...names);

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tokenward-watch-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

describe('the way to a file', () => {
  it('is the file itself where no link leads to it', async () => {
    writeFileSync(at('config.yaml'), '');
    expect(await wayTo(at('config.yaml'))).toEqual([at('config.yaml')]);
  });

  it('has every link, also those above the file', async () => {
    mkdirSync(at('..1'));
    writeFileSync(at('..1', 'config.yaml'), '');
    symlinkSync('..1', at('..data'));
    symlinkSync('..data/config.yaml', at('config.yaml'));
    expect(await wayTo(at('config.yaml'))).toEqual([
      at('config.yaml'),
      at('..data'),
      at('..1', 'config.yaml'),
    ]);
  });

  it('may end at nothing', async () => {
    symlinkSync('/nowhere/at/all', at('config.yaml'));
    expect(await wayTo(at('config.yaml'))).toEqual([at('config.yaml'), '/nowhere/at/all']);
  });

  it('ends in a circle, too', async () => {
    symlinkSync(at('two'), at('one'));
    symlinkSync(at('one'), at('two'));
    expect((await wayTo(at('one'))).length).toBeLessThanOrEqual(41);
  });
});

interface Watched extends AsyncDisposable {
  readonly clock: ManualClock;
  readonly looks: () => number;
  readonly watch: PathWatch;
}

function watched(): Watched {
  let looks = 0;
  const clock = new ManualClock();
  const onChange = () => void (looks += 1);
  const watch = new PathWatch(at('config.yaml'), {
    clock,
    onChange,
    onFailed: (errno) => expect(errno).toBe('none'),
    seen: appearance(at('config.yaml')),
  });
  return { clock, looks: () => looks, watch, [Symbol.asyncDispose]: () => watch.close() };
}

describe('the appearance of a file', () => {
  it('never throws, wherever a way leads', () => {
    symlinkSync(at('circle'), at('circle'));
    writeFileSync(at('file'), '');
    const looks = [at('circle'), at('file', 'below'), at('missing')].map((path) => appearance(path));
    expect(looks).toEqual(['ELOOP', 'ENOTDIR', 'ENOENT'].map((errno) => `not to be seen: ${errno}`));
  });
});

describe('a change', () => {
  it('that came before the watch stood is told when it stands', async () => {
    writeFileSync(at('config.yaml'), 'one');
    await using site = watched();
    writeFileSync(at('config.yaml'), 'another');
    await site.watch.start();
    expect(site.looks()).toBe(0);
    site.clock.advance(250);
    expect(site.looks()).toBe(1);
  });

  it('is told once the file has been left alone for a moment', async () => {
    writeFileSync(at('config.yaml'), 'one');
    await using site = watched();
    await site.watch.start();
    for (const text of ['two', 'three', 'four']) {
      writeFileSync(at('config.yaml'), text);
      await eventually(() => expect(site.clock.nextDueInMs()).toBe(250));
      site.clock.advance(100);
    }
    expect(site.looks()).toBe(0);
    site.clock.advance(250);
    expect(site.looks()).toBe(1);
  });

  it('is not told after the end', async () => {
    writeFileSync(at('config.yaml'), 'one');
    await using site = watched();
    writeFileSync(at('config.yaml'), 'another');
    await site.watch.start();
    await site.watch.close();
    expect(site.clock.nextDueInMs()).toBeNull();
  });
});
