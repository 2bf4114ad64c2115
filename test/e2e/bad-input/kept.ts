import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'vitest';
import { Installation, type InstallationOptions } from '../../support/installation.ts';

/** Hashes of all files below a folder by their path. Lock files are left out: they tell who came last. */
export async function filesIn(folder: string): Promise<Readonly<Record<string, string>>> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile() && entry.name !== 'lock');
  const hashed = files.map(async ({ parentPath, name }) => {
    const path = join(parentPath, name);
    return [
      path.slice(folder.length + 1),
      createHash('sha256')
        .update(await readFile(path))
        .digest('hex'),
    ];
  });
  return Object.fromEntries(await Promise.all(hashed)) as Record<string, string>;
}

/**
 * An installation that has something to lose: its agent has exchanged once, so that a spent secret, a good one, a session
 * and a token file are there, and its daemon has ended.
 */
export class Kept implements AsyncDisposable {
  readonly site: Installation;
  readonly token: string;
  readonly #files: Readonly<Record<string, string>>;

  private constructor(site: Installation, token: string, files: Readonly<Record<string, string>>) {
    this.site = site;
    this.token = token;
    this.#files = files;
  }

  static async create(options: InstallationOptions = {}): Promise<Kept> {
    const site = await Installation.create(options);
    await site.provision();
    const daemon = site.run();
    await site.reaches({ state: 'active' });
    const token = await site.token();
    expect((await daemon.end()).exitCode).toBe(0);
    return new Kept(site, token, await filesIn(site.stateDir));
  }

  /** No file of the state has changed, the token file holds the token, and the server was asked nothing more. */
  async unharmed(): Promise<void> {
    expect(await filesIn(this.site.stateDir)).toEqual(this.#files);
    expect(await this.site.readTokenFile()).toBe(this.token);
    expect(this.site.exchanges).toBe(1);
  }

  /** With the usual configuration a daemon serves the token that was there before, and its secret is still good. */
  async goesOn(): Promise<void> {
    const { site } = this;
    await site.configure();
    const daemon = site.run();
    await site.reaches({ state: 'active', secret: { status: 'held', generation: 1 } });
    expect(await site.token()).toBe(this.token);
    expect(site.exchanges).toBe(1);
    expect((await site.cli(['refresh', site.agent])).exitCode).toBe(0);
    expect(site.emulator.state().exchanges).toMatchObject({ granted: 2, refused: 0 });
    await daemon.end();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.site[Symbol.asyncDispose]();
  }
}
