import { join } from 'node:path';
import { TokenwardError } from '../domain/errors.ts';
import { errorCode } from '../platform/system-error.ts';
import type { Disk } from '../ports/disk.ts';
import type { WrappingKey } from '../ports/secret-store.ts';
import { decodeKey, keyFileUnusable, type KeySource } from './key-source.ts';

/**
 * A wrapping key that systemd hands to the unit (systemd.exec(5), `LoadCredential=` and `LoadCredentialEncrypted=`). Its
 * folder is readable by the unit alone, so its mode and owner, which differ between versions, are not looked at.
 */

export interface KeyCredentialOptions {
  /** Of the credential; a file name without a folder. */
  readonly name: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly disk: Disk;
}

export class KeyCredential implements KeySource {
  readonly #name: string;
  readonly #folder: string | undefined;
  readonly #disk: Disk;

  constructor({ name, env, disk }: KeyCredentialOptions) {
    this.#name = name;
    this.#folder = env['CREDENTIALS_DIRECTORY'];
    this.#disk = disk;
  }

  async read(): Promise<WrappingKey | null> {
    const path = this.#path();
    const bytes = await this.#read(path);
    if (bytes === null) return null;
    const key = decodeKey(bytes);
    if (key === null)
      throw keyFileUnusable(path, `the credential ${this.#name} must hold 32 bytes as base64 on one line`);
    return key;
  }

  /** Credentials are read-only to their unit: an existing one, or advice. */
  async create(): Promise<WrappingKey> {
    const existing = await this.read();
    if (existing !== null) return existing;
    const advice = `put LoadCredential=${this.#name}:FILE into the unit, under exactly this name; where there is no key yet, run: (umask 077; head -c 32 /dev/urandom | base64 > FILE)`;
    throw keyFileUnusable(this.#path(), `systemd handed over no credential ${this.#name}; ${advice}`);
  }

  async readNext(): Promise<null> {
    return null;
  }

  async createNext(): Promise<never> {
    const advice = 'replace it by way of a key_file with the same contents (docs/rekey.md has the steps)';
    const message = `the wrapping key is the systemd credential ${this.#name}, which its unit cannot replace; ${advice}`;
    throw keyFileUnusable(this.#path(), message);
  }

  promoteNext(): Promise<never> {
    return this.createNext();
  }

  #path(): string {
    if (this.#folder !== undefined) return join(this.#folder, this.#name);
    const advice = `start it with systemctl start tokenward, its unit with LoadCredential=${this.#name}:FILE`;
    throw new TokenwardError(
      'KEY_FILE_UNUSABLE',
      `the credential ${this.#name} can be read by the systemd unit only ($CREDENTIALS_DIRECTORY is not set); ${advice}`,
    );
  }

  async #read(path: string): Promise<Uint8Array | null> {
    try {
      return await this.#disk.read(path);
    } catch (error) {
      const errno = errorCode(error) ?? 'unknown error';
      throw keyFileUnusable(
        path,
        `cannot read the credential ${path} (${errno}); see to LoadCredential= of the unit`,
        error,
      );
    }
  }
}
