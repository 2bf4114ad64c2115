import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Disk } from '../../src/ports/disk.ts';

/** A disk to test, with an empty folder on it. */
export interface DiskUnderTest {
  readonly disk: Disk;
  readonly root: string;
  dispose(): Promise<void>;
}

const bytes = (text: string): Uint8Array => Buffer.from(text);
const text = (read: Uint8Array | null): string | null =>
  read === null ? null : Buffer.from(read).toString();

/** What every `Disk` promises (ports/disk.ts). */
export function describeDisk(title: string, setUp: () => Promise<DiskUnderTest>): void {
  describe(`the disk contract: ${title}`, () => {
    let under: DiskUnderTest;
    let disk: Disk;
    const at = (...parts: string[]): string => join(under.root, ...parts);
    const put = async (path: string, contents: string, mode = 0o600): Promise<void> => {
      const file = await disk.create(path, mode);
      await file.write(bytes(contents));
      await file.sync();
      await file.close();
    };

    beforeEach(async () => {
      under = await setUp();
      disk = under.disk;
    });
    afterEach(() => under.dispose());

    it('reads back what was written, in order', async () => {
      const file = await disk.create(at('a'), 0o600);
      await file.write(bytes('one '));
      await file.write(bytes('two'));
      await file.sync();
      await file.close();
      await disk.syncFolder(under.root);
      expect(text(await disk.read(at('a')))).toBe('one two');
    });

    it('says null for what is absent, also below a file', async () => {
      await put(at('file'), 'x');
      for (const path of [at('none'), at('none', 'deeper'), at('file', 'below')]) {
        expect(await disk.read(path)).toBeNull();
        expect(await disk.list(path)).toBeNull();
        expect(await disk.stat(path)).toBeNull();
      }
    });

    it('refuses to read a folder as a file', async () => {
      await expect(disk.read(under.root)).rejects.toMatchObject({ code: 'EISDIR' });
    });

    it('never creates over something', async () => {
      await put(at('a'), 'first');
      await expect(disk.create(at('a'), 0o600)).rejects.toMatchObject({ code: 'EEXIST' });
      expect(text(await disk.read(at('a')))).toBe('first');
    });

    it('rejects ENOENT where the folder is missing', async () => {
      await expect(disk.create(at('none', 'a'), 0o600)).rejects.toMatchObject({ code: 'ENOENT' });
      await expect(disk.makeFolder(at('none', 'a'), 0o700)).rejects.toMatchObject({ code: 'ENOENT' });
      await expect(disk.syncFolder(at('none'))).rejects.toMatchObject({ code: 'ENOENT' });
      await expect(disk.rename(at('none'), at('b'))).rejects.toMatchObject({ code: 'ENOENT' });
    });

    it('tells kind, mode and identity', async () => {
      await disk.makeFolder(at('folder'), 0o750);
      await put(at('file'), 'x', 0o644);
      expect(await disk.stat(at('folder'))).toMatchObject({ kind: 'folder', mode: 0o750 });
      const file = await disk.stat(at('file'));
      expect(file).toMatchObject({ kind: 'file', mode: 0o644 });
      await put(at('other'), 'x');
      expect((await disk.stat(at('other')))?.inode).not.toBe(file?.inode);
    });

    it('leaves an existing folder as it is, and no file counts as one', async () => {
      await disk.makeFolder(at('folder'), 0o700);
      await disk.makeFolder(at('folder'), 0o777);
      expect(await disk.stat(at('folder'))).toMatchObject({ mode: 0o700 });
      await put(at('file'), 'x');
      await expect(disk.makeFolder(at('file'), 0o700)).rejects.toMatchObject({ code: 'EEXIST' });
    });

    it('lists names sorted', async () => {
      for (const name of ['b', '.hidden', 'a', 'c']) await put(at(name), '');
      await disk.makeFolder(at('folder'), 0o700);
      expect(await disk.list(under.root)).toEqual(['.hidden', 'a', 'b', 'c', 'folder']);
      expect(await disk.list(at('folder'))).toEqual([]);
    });

    it('renames over an existing file', async () => {
      await put(at('old'), 'old');
      await put(at('new'), 'new');
      const inode = (await disk.stat(at('new')))?.inode;
      await disk.rename(at('new'), at('old'));
      await disk.syncFolder(under.root);
      expect(text(await disk.read(at('old')))).toBe('new');
      expect((await disk.stat(at('old')))?.inode).toBe(inode);
      expect(await disk.list(under.root)).toEqual(['old']);
    });

    it('does not rename a file over a folder', async () => {
      await disk.makeFolder(at('folder'), 0o700);
      await put(at('file'), 'x');
      await expect(disk.rename(at('file'), at('folder'))).rejects.toMatchObject({ code: 'EISDIR' });
      expect(await disk.list(under.root)).toEqual(['file', 'folder']);
    });

    it('gives a file a second name, and never in place of another file', async () => {
      await put(at('a'), 'text', 0o640);
      await disk.link(at('a'), at('b'));
      await disk.remove(at('a'));
      await disk.syncFolder(under.root);
      expect(text(await disk.read(at('b')))).toBe('text');
      expect(await disk.stat(at('b'))).toMatchObject({ kind: 'file', mode: 0o640 });
      await put(at('c'), 'other');
      await expect(disk.link(at('b'), at('c'))).rejects.toMatchObject({ code: 'EEXIST' });
      expect(text(await disk.read(at('c')))).toBe('other');
      await expect(disk.link(at('none'), at('d'))).rejects.toMatchObject({ code: 'ENOENT' });
    });

    it('removes a file, and an absent one too', async () => {
      await put(at('a'), 'x');
      await disk.remove(at('a'));
      await disk.remove(at('a'));
      expect(await disk.list(under.root)).toEqual([]);
    });
  });
}
