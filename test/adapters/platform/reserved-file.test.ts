import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ReservedFile } from '../../../src/platform/reserved-file.ts';

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tokenward-reserved-'));
});

afterEach(() => rmSync(folder, { recursive: true, force: true }));

describe('a reserved file', () => {
  it('has its room before there is anything to put into it, and then only that', async () => {
    const path = join(folder, 'new');
    const file = await ReservedFile.create(path, 16_384);
    expect(statSync(path)).toMatchObject({ size: 16_384 });
    expect(statSync(path).mode & 0o777).toBe(0o600);
    await file.fill(Buffer.from('s3cret\n'));
    expect(readFileSync(path, 'utf8')).toBe('s3cret\n');
  });

  it('is gone where nothing came', async () => {
    const path = join(folder, 'new');
    await (await ReservedFile.create(path, 1)).discard();
    expect(existsSync(path)).toBe(false);
  });

  it('replaces nothing, and follows no link', async () => {
    const path = join(folder, 'link');
    symlinkSync(join(folder, 'elsewhere'), path);
    await expect(ReservedFile.create(path, 1)).rejects.toMatchObject({ code: 'EEXIST' });
    expect(existsSync(join(folder, 'elsewhere'))).toBe(false);
  });
});
