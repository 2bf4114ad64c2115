import { randomUUID } from 'node:crypto';
import { open, unlink } from 'node:fs/promises';
import { join } from 'node:path';

/** A file without a name: nobody else can open it, and it is gone with the process. */
export interface ScratchFile {
  /** Appends all of it. Rejects with Node's error, such as `ENOSPC`. */
  append(bytes: Uint8Array): Promise<void>;
  /** Up to `length` bytes from `position` on; fewer, or none, at the end. */
  read(position: number, length: number): Promise<Uint8Array>;
  close(): Promise<void>;
}

/** Makes one in this folder, mode 0600, and takes its name away at once. Rejects with Node's error. */
export async function openScratchFile(folder: string): Promise<ScratchFile> {
  const path = join(folder, `.scratch-${randomUUID()}`);
  const file = await open(path, 'wx+', 0o600);
  try {
    await unlink(path);
  } catch (error) {
    await file.close();
    throw error;
  }
  let end = 0;
  return {
    async append(bytes) {
      await file.writev([bytes], end);
      end += bytes.byteLength;
    },
    async read(position, length) {
      const { buffer, bytesRead } = await file.read(Buffer.alloc(length), 0, length, position);
      return buffer.subarray(0, bytesRead);
    },
    close: () => file.close(),
  };
}
