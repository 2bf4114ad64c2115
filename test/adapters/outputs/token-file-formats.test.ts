import { lstatSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { TokenFileFormat } from '../../../src/domain/token-file-content.ts';
import type { Deviation } from '../../../src/outputs/sighting.ts';
import { TokenFile } from '../../../src/outputs/token-file.ts';
import { systemDisk } from '../../../src/platform/system-disk.ts';
import { systemRandom } from '../../../src/platform/system-random.ts';
import { TokenFileCounts } from '../../fakes/token-file-counts.ts';
import { TemporaryFolder } from './fixtures/temporary-folder.ts';
import { bare, tokenOf } from './fixtures/tokens.ts';

/** A token file in other formats than the bare token; what stands in each is for test/unit/domain/token-file-content.test.ts. */

const signal = new AbortController().signal;

let folder: TemporaryFolder;
let path: string;
let tampered: (readonly Deviation[])[];
let counts: TokenFileCounts;

beforeEach(() => {
  folder = new TemporaryFolder();
  path = folder.join('web-01.token');
  tampered = [];
  counts = new TokenFileCounts();
});
afterEach(() => {
  folder[Symbol.dispose]();
});

function tokenFile(format: TokenFileFormat): TokenFile {
  return new TokenFile(
    { path, ...bare, format, mode: 0o640 },
    { disk: systemDisk, random: systemRandom, meter: counts, onTampered: (what) => void tampered.push(what) },
  );
}

describe('a token file', () => {
  const formats: readonly TokenFileFormat[] = [
    { kind: 'header' },
    { kind: 'json' },
    { kind: 'env' },
    { kind: 'envoy-sds', secretName: null },
    { kind: 'template', template: 'token = {{token}}' },
  ];

  it.each(formats)('is watched over, left alone after a restart, and withdrawn: %j', async (format) => {
    const file = tokenFile(format);
    await file.publish(tokenOf('abc'), signal);
    const content = readFileSync(path, 'utf8');
    await tokenFile(format).publish(tokenOf('abc'), signal);
    expect([content.includes('abc'), content === 'abc', counts.writes]).toEqual([true, false, 1]);

    writeFileSync(path, `${content} `);
    await file.publish(tokenOf('abc'), signal);
    const mode = lstatSync(path).mode & 0o7777;
    expect([readFileSync(path, 'utf8'), mode, tampered]).toEqual([content, 0o640, [['content']]]);

    await file.withdraw(signal);
    expect(readdirSync(folder.path)).toEqual([]);
  });

  it('whose format cannot hold the token keeps the one before, and the error does not show it', async () => {
    const file = tokenFile({ kind: 'header' });
    await file.publish(tokenOf('abc'), signal);
    await expect(file.publish(tokenOf('d e', 2), signal)).rejects.toMatchObject({
      code: 'OUTPUT_FAILED',
      message: `the token cannot be written to ${path} as header: it has blanks or characters in it that no HTTP header can carry; configure another format for it, such as json`,
    });
    expect(readFileSync(path, 'utf8')).toBe('Authorization: Bearer abc\n');
    expect(counts).toMatchObject({ writes: 1, failures: 1 });
  });
});
