import { basename, dirname } from 'node:path';
import { type AgentFacts, type TokenFileFormat, tokenFileContent } from '../domain/token-file-content.ts';
import type { Token } from '../domain/token.ts';
import { removeLeftovers, writeAtomically } from '../platform/atomic-write.ts';
import type { TokenFileMeter } from '../platform/metrics/token-file-metrics.ts';
import type { Disk } from '../ports/disk.ts';
import type { Output } from '../ports/output.ts';
import type { Random } from '../ports/random.ts';
import { LearnedOwner, type Owner } from './learned-owner.ts';
import { notReplaceable, removalFailure, unwritable, writeFailure } from './output-error.ts';
import { type Deviation, type Expected, deviations, look } from './sighting.ts';

/** A configured token file (`files` of DESIGN §6). */
export interface TokenFileSpec {
  /** Absolute. */
  readonly path: string;
  readonly format: TokenFileFormat;
  /** The agent whose token it is. */
  readonly agent: AgentFacts;
  /** Permission bits, reached exactly under any umask. */
  readonly mode: number;
  /** Where absent, the file belongs to whom the system gives it. */
  readonly uid?: number | undefined;
  readonly gid?: number | undefined;
}

interface TokenFileParts {
  readonly disk: Disk;
  readonly random: Random;
  readonly meter: TokenFileMeter;
  /** Called when the file is found to be no longer what was published last, just before it is written again. */
  readonly onTampered: (what: readonly Deviation[]) => void;
  /** Called when the file was written. */
  readonly onWritten?: () => void;
}

/**
 * A file that always holds a whole token: replaced by rename, never truncated, never unlinked but by a withdrawal, never written
 * through a symbolic link. Publishing is idempotent, so publishing the same token again is also how the file is checked and
 * restored. One write at a time; tokens that come meanwhile share the next one, which writes the newest.
 */
export class TokenFile implements Output {
  readonly name: string;
  readonly #spec: TokenFileSpec;
  readonly #parts: TokenFileParts;
  #wanted: Expected | 'nothing' | null = null;
  /** What we left at the path, with its owner; null before the first success and after a failure, when nobody can tell. */
  #published: Expected | null = null;
  readonly #owner = new LearnedOwner();
  #swept = false;
  #next: Promise<void> | null = null;
  #last: Promise<void> = Promise.resolve();

  constructor(spec: TokenFileSpec, parts: TokenFileParts) {
    this.name = spec.path;
    this.#spec = spec;
    this.#parts = parts;
  }

  /**
   * Resolves when the file holds this token or a newer one. Rejects `OUTPUT_UNUSABLE` (folder missing or not writable, owner
   * not permitted, no regular file at the path) or `OUTPUT_FAILED`, also for a
   * token that the format cannot hold. The signal counts before the work begins: a disk cannot
   * be interrupted.
   */
  async publish(token: Token, signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    await this.#comeTo(this.#expectation(token));
  }

  /**
   * Resolves when no file is there any more, or a newer token is, and the removal is durable. What stands at the path and is no
   * regular file is not ours, and stays. Rejects `OUTPUT_FAILED`.
   */
  async withdraw(signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    await this.#comeTo('nothing');
  }

  async #comeTo(wanted: Expected | 'nothing'): Promise<void> {
    this.#wanted = wanted;
    if (this.#next === null) {
      this.#next = this.#last.then(() => this.#takeTurn());
      // Whoever published hears of the failure; the next one in line need not.
      this.#last = this.#next.catch(() => undefined);
    }
    await this.#next;
  }

  /** Resolves when no write is under way any more. */
  async close(): Promise<void> {
    await this.#last;
  }

  async #takeTurn(): Promise<void> {
    this.#next = null;
    const wanted = this.#wanted;
    if (wanted === null) return;
    if (wanted === 'nothing') return this.#remove();
    try {
      await this.#bring(wanted);
    } catch (error) {
      this.#parts.meter.failed();
      throw writeFailure(this.name, error);
    }
  }

  async #bring(wanted: Expected): Promise<void> {
    await this.#sweepOnce();
    const seen = await look(this.#parts.disk, this.name);
    const tampered = this.#published === null ? [] : deviations(seen, this.#published);
    if (tampered.length > 0) this.#tampered(tampered);
    else if (seen.kind !== 'file' && seen.kind !== 'nothing') throw notReplaceable(this.name, seen.kind);
    else if (seen.kind === 'file' && deviations(seen, wanted).length === 0) {
      this.#published = ownedBy(seen, wanted);
      return;
    }
    await this.#write(wanted);
  }

  async #remove(): Promise<void> {
    const { disk } = this.#parts;
    this.#published = null;
    try {
      await this.#sweepOnce();
      const found = await disk.stat(this.name);
      if (found?.kind === 'file') await disk.remove(this.name);
      // also where it is gone already: a removal that was cut short before this may come back
      if (found === null || found.kind === 'file') await syncWhereThere(disk, dirname(this.name));
    } catch (error) {
      this.#parts.meter.failed();
      throw removalFailure(this.name, error);
    }
  }

  async #write(wanted: Expected): Promise<void> {
    const { disk, random } = this.#parts;
    const { mode, uid, gid } = this.#spec;
    // -1 leaves that half of the owner as it is (chown(2)).
    const owner = uid === undefined && gid === undefined ? {} : { owner: { uid: uid ?? -1, gid: gid ?? -1 } };
    this.#published = null;
    await writeAtomically(disk, random, this.name, wanted.content, { mode, ...owner });
    this.#parts.meter.written();
    this.#parts.onWritten?.();
    this.#published = ownedBy(this.#owner.learn(await disk.stat(this.name)), wanted);
  }

  #tampered(what: readonly Deviation[]): void {
    this.#parts.meter.tampered();
    this.#parts.onTampered(what);
  }

  /** Leftovers of a crash hold tokens. One that cannot be removed is no reason to withhold the next token. */
  async #sweepOnce(): Promise<void> {
    if (this.#swept) return;
    this.#swept = true;
    await removeLeftovers(this.#parts.disk, dirname(this.name), basename(this.name)).catch(() => {
      this.#swept = false;
    });
  }

  #expectation(token: Token): Expected {
    const { format, agent, mode, uid, gid } = this.#spec;
    const content = tokenFileContent(format, token, agent);
    if ('problem' in content) {
      this.#parts.meter.failed();
      throw unwritable(this.name, format.kind, content.problem);
    }
    return { content: Buffer.from(content.text), mode, uid: uid ?? null, gid: gid ?? null };
  }
}

async function syncWhereThere(disk: Disk, folder: string): Promise<void> {
  if ((await disk.stat(folder)) !== null) await disk.syncFolder(folder);
}

function ownedBy(owner: Owner | null, expected: Expected): Expected {
  return { ...expected, uid: expected.uid ?? owner?.uid ?? null, gid: expected.gid ?? owner?.gid ?? null };
}
