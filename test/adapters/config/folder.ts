import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A folder of a test's own, removed with what is in it. Only its owner may write to it. */
export function temporaryFolder() {
  const path = mkdtempSync(join(tmpdir(), 'tokenward-config-'));
  return {
    path,
    /** Writes a file with exactly this mode, and returns its path. */
    write(name: string, content: string | Uint8Array, mode = 0o600): string {
      const file = join(path, name);
      writeFileSync(file, content);
      chmodSync(file, mode);
      return file;
    },
    [Symbol.dispose]: () => rmSync(path, { recursive: true, force: true }),
  };
}
