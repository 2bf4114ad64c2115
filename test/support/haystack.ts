import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { errorCode } from '../../src/platform/system-error.ts';

/** Everything in which a credential must not be, and the search for it in every form that a program writes one in. */
export class Haystack {
  readonly #contents: { readonly where: string; readonly content: Buffer }[] = [];

  add(where: string, content: string | Buffer): void {
    this.#contents.push({ where, content: Buffer.from(content) });
  }

  /** All files in a folder and below, as they are now; files that go away meanwhile are none. */
  async addFolder(folder: string): Promise<void> {
    const entries = await readdir(folder, { recursive: true, withFileTypes: true });
    for (const entry of entries.filter((each) => each.isFile())) {
      const path = join(entry.parentPath, entry.name);
      this.add(`name of ${path}`, entry.name);
      await this.#addFile(path);
    }
  }

  /** What every process of the same user can see of a process: its arguments and its environment. */
  async addProcess(pid: number, name: string): Promise<void> {
    for (const file of ['cmdline', 'environ']) {
      const content = await readFile(`/proc/${pid}/${file}`);
      if (content.length === 0) throw new Error(`nothing can be seen of process ${pid} (${name})`);
      this.add(`${file} of ${name}`, content);
    }
  }

  /** How many places were added whose description has this in it. */
  count(where: string): number {
    return this.#contents.filter((each) => each.where.includes(where)).length;
  }

  /** Where which credential is, and how it is written there. The credential itself is told by its number. */
  find(credentials: readonly string[]): readonly string[] {
    const needles = credentials.flatMap((text, index) =>
      Object.entries(formsOf(text)).map(([form, needle]) => ({
        needle,
        name: `credential ${index} as ${form}`,
      })),
    );
    return this.#contents.flatMap(({ where, content }) =>
      needles.filter(({ needle }) => content.includes(needle)).map(({ name }) => `${where}: ${name}`),
    );
  }

  async #addFile(path: string): Promise<void> {
    try {
      this.add(path, await readFile(path));
    } catch (error) {
      if (errorCode(error) !== 'ENOENT') throw error;
    }
  }
}

function formsOf(text: string): Record<string, string> {
  const bytes = Buffer.from(text);
  return {
    text,
    JSON: JSON.stringify(text).slice(1, -1),
    'JSON in JSON': JSON.stringify(JSON.stringify(text).slice(1, -1)).slice(1, -1),
    'part of a URL': encodeURIComponent(text),
    'form data': new URLSearchParams({ '': text }).toString().slice(1),
    hex: bytes.toString('hex'),
    HEX: bytes.toString('hex').toUpperCase(),
    'bytes in JSON': JSON.stringify([...bytes]).slice(1, -1),
    ...base64Forms(bytes, 'base64'),
    ...base64Forms(bytes, 'base64url'),
  };
}

/** Base64 of something longer shows a text in one of three ways, by where in it the text begins. */
function base64Forms(bytes: Buffer, encoding: 'base64' | 'base64url'): Record<string, string> {
  const forms = [0, 1, 2].map((before) => {
    const encoded = Buffer.concat([Buffer.alloc(before), bytes]).toString(encoding);
    const [from, to] = [Math.ceil((before * 8) / 6), Math.floor(((before + bytes.length) * 8) / 6)];
    return [`${encoding} at ${before}`, encoded.slice(from, to)];
  });
  return Object.fromEntries(forms) as Record<string, string>;
}
