import { join } from 'node:path';

import type { RawAnswer } from '../domain/journal-entry.ts';
import { TokenwardError } from '../domain/errors.ts';
import { removeLeftovers, writeAtomically } from '../platform/atomic-write.ts';
import { open, seal, type RecordKind } from '../platform/seal.ts';
import type { Disk } from '../ports/disk.ts';
import type { Journal, JournalImage } from '../ports/journal.ts';
import type { Random } from '../ports/random.ts';
import type { WrappingKey } from '../ports/secret-store.ts';
import { decodeRaw, decodeRecord, decodeSession, encodeRaw, encodeRecord, encodeSession } from './journal-codec.ts';

/** The journal as sealed files in the agent's folder: `journal.sealed`, `session.sealed`, and a `raw-…` for each kept answer. */

const recordFile = 'journal.sealed';
const sessionFile = 'session.sealed';
const probeFile = 'journal-probe.sealed';
const rawName = /^raw-[0-9a-f-]{36}\.sealed$/;

/** As large as anything that a rotation may have to write: a capped answer in base64, with room around it. */
const probeBytes = 96 * 1024;
/** Answers kept of one doubt. Beyond that the oldest that cannot hold a secret goes first. */
const rawsKept = 64;
const fileMode = 0o600;

export interface FileJournalOptions {
  readonly disk: Disk;
  readonly random: Random;
  /** The agent's own folder in the state folder; it exists. */
  readonly folder: string;
  readonly agent: string;
}

export function createFileJournal({ disk, random, folder, agent }: FileJournalOptions): Journal {
  let key: WrappingKey | null = null;

  function keyOrBug(): WrappingKey {
    if (key === null) throw new TokenwardError('INTERNAL', 'the journal was written before it was opened');
    return key;
  }

  async function write(name: string, kind: RecordKind, generation: number, plaintext: Uint8Array): Promise<void> {
    const sealed = seal(keyOrBug(), { agent, generation, kind }, plaintext, random);
    await writeAtomically(disk, random, join(folder, name), sealed, { mode: fileMode });
  }

  async function read<Value>(name: string, kind: RecordKind, decode: (bytes: Uint8Array) => Value | null): Promise<Value | null | 'unreadable'> {
    const sealed = await disk.read(join(folder, name));
    if (sealed === null) return null;
    const opened = open(keyOrBug(), { agent, kind }, sealed);
    return opened === null ? 'unreadable' : (decode(opened.plaintext) ?? 'unreadable');
  }

  async function rawFiles(): Promise<readonly string[]> {
    return ((await disk.list(folder)) ?? []).filter((name) => rawName.test(name));
  }

  async function readRaws(): Promise<readonly NamedRaw[] | 'unreadable'> {
    const raws: NamedRaw[] = [];
    for (const name of await rawFiles()) {
      const raw = await read(name, 'raw', decodeRaw);
      if (raw === 'unreadable') return raw;
      if (raw !== null) raws.push({ name, raw });
    }
    return raws.sort((a, b) => a.raw.attempt.sentAt.wallMs - b.raw.attempt.sentAt.wallMs);
  }

  async function remove(names: readonly string[]): Promise<void> {
    if (names.length === 0) return;
    for (const name of names) await disk.remove(join(folder, name));
    await disk.syncFolder(folder);
  }

  return {
    async hasState() {
      const names = (await disk.list(folder)) ?? [];
      return names.some((name) => name === recordFile || name === sessionFile || rawName.test(name));
    },

    async open(wrappingKey): Promise<JournalImage> {
      key = wrappingKey;
      await cleanUp(disk, folder);
      const record = await read(recordFile, 'journal', decodeRecord);
      const session = await read(sessionFile, 'session', decodeSession);
      const raws = await readRaws();
      return { record, session, raws: raws === 'unreadable' ? raws : raws.map(({ raw }) => raw) };
    },

    saveRecord: (record) => write(recordFile, 'journal', record.generation, encodeRecord(record)),

    async saveRaw(raw) {
      await write(fileOfRaw(raw.attempt.id), 'raw', raw.attempt.generation, encodeRaw(raw));
      if ((await rawFiles()).length <= rawsKept) return;
      const kept = await readRaws();
      const spare = kept === 'unreadable' ? undefined : kept.find((each) => !mayHoldSecret(each.raw));
      if (spare !== undefined) await remove([spare.name]);
    },

    saveSession: (token) => write(sessionFile, 'session', token.generation, encodeSession(token)),

    async dropRaws(attempt) {
      const names = await rawFiles();
      await remove(attempt === 'all' ? names : names.filter((name) => name === fileOfRaw(attempt)));
    },

    async proveWritable() {
      const path = join(folder, probeFile);
      await writeAtomically(disk, random, path, random.bytes(probeBytes), { mode: fileMode });
      await disk.remove(path);
    },
  };
}

interface NamedRaw {
  readonly name: string;
  readonly raw: RawAnswer;
}

function fileOfRaw(attempt: string): string {
  return `raw-${attempt}.sealed`;
}

/** Only a successful answer can carry a new secret; an error page of a load balancer cannot. */
function mayHoldSecret({ answer }: RawAnswer): boolean {
  return answer.kind === 'http' && answer.status >= 200 && answer.status < 300;
}

/** What writes and probes that a crash interrupted left behind; nothing of it was ever relied on. */
async function cleanUp(disk: Disk, folder: string): Promise<void> {
  for (const name of [recordFile, sessionFile, probeFile]) await removeLeftovers(disk, folder, name);
  const names = (await disk.list(folder)) ?? [];
  if (names.includes(probeFile)) await disk.remove(join(folder, probeFile));
  for (const name of names) {
    const raw = /^\.(raw-[0-9a-f-]{36}\.sealed)\./.exec(name)?.[1];
    if (raw !== undefined) await removeLeftovers(disk, folder, raw);
  }
}
