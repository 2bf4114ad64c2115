import type { Token } from '../../src/domain/token.ts';
import { agent, agentFolder, keyFolder, tokenFile, tokenFolder, type Remains } from './host.ts';

/** What can be read off a disk and a keychain from outside, without any key. */

/** The newest generation whose secret is there: in the store, in the journal, or one more in a whole answer. */
export function newestGeneration(
  remains: Remains,
  generationBefore: number,
  answers: readonly Uint8Array[],
): number {
  const contents = remains.disk
    .files()
    .values()
    .map((bytes) => Buffer.from(bytes))
    .toArray();
  return Math.max(
    committedGeneration(remains),
    answers.some((answer) => contents.some((bytes) => bytes.equals(answer))) ? generationBefore + 1 : 0,
  );
}

/** The newest generation in the store or in the journal. */
function committedGeneration({ disk, keychain }: Remains): number {
  const stored = keychain.items().get(`tokenward/${agent}/current`);
  return Math.max(
    stored === undefined ? 0 : generationIn(Buffer.from(stored, 'base64url')),
    generationIn(disk.files().get(`${agentFolder}/secret.sealed`)),
    generationIn(disk.files().get(`${agentFolder}/journal.sealed`)),
  );
}

/** Whether a token and its secret stay, whatever a power cut takes of the disk. A keychain is believed: the journal backs it. */
export function isCommitted({ disk, keychain }: Remains, { generation }: Pick<Token, 'generation'>): boolean {
  const surely = { disk: disk.crash(() => 0), keychain };
  const session = generationIn(surely.disk.files().get(`${agentFolder}/session.sealed`));
  return session >= generation && committedGeneration(surely) >= generation;
}

/** Answers that are written and have only a temporary name so far. */
export function unnamedAnswers({ disk }: Pick<Remains, 'disk'>): readonly Uint8Array[] {
  return [...disk.files()]
    .filter(([path]) => path.startsWith(`${agentFolder}/.raw-`))
    .map(([, bytes]) => bytes);
}

/** As it stands in clear in the header of a sealed record (platform/seal.ts); 0 where there is none, or too little of it. */
function generationIn(sealed: Uint8Array | undefined): number {
  const header = Buffer.from(sealed ?? []);
  return header.length < headerBytes ? 0 : Number(header.readBigUInt64BE(headerBytes - 8));
}

const headerBytes = 14;

/** What is wrong with the token file; null where nothing is. */
export async function tokenFileFlaw(
  { disk }: Remains,
  { tokens, mustBeThere }: { readonly tokens: readonly string[]; readonly mustBeThere: boolean },
): Promise<string | null> {
  const found = await disk.stat(tokenFile.path);
  if (found === null) return mustBeThere ? 'the token file is gone' : null;
  const { mode, uid, gid } = tokenFile;
  if (found.mode !== mode || found.uid !== uid || found.gid !== gid)
    return `the token file has mode ${found.mode.toString(8)} and owner ${found.uid}:${found.gid}`;
  const text = String(disk.files().get(tokenFile.path));
  return tokens.includes(text) ? null : `the token file holds ${text.length} bytes that are no token`;
}

/** Files that nobody needs any more, in a quiet agent that is at work. */
export function leftovers({ disk }: Remains): readonly string[] {
  const needed = new Set([
    ...['journal', 'secret', 'session', 'candidate'].map((name) => `${agentFolder}/${name}.sealed`),
    `${keyFolder}/key`,
    tokenFile.path,
  ]);
  return [...disk.files().keys()].filter((path) => !needed.has(path));
}

/** The same, where the token file alone was looked after. */
export function tokenLeftovers({ disk }: Remains): readonly string[] {
  return [...disk.files().keys()].filter((path) => path.startsWith(tokenFolder) && path !== tokenFile.path);
}
