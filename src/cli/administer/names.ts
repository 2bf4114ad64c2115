import { open } from 'node:fs/promises';
import { TokenwardError } from '../../domain/errors.ts';
import { nameFlaw, parseNameList, type NameList } from '../../domain/name-list.ts';
import { errorCode } from '../../platform/system-error.ts';
import { remark } from '../output.ts';

/** The names that a command is to do something to: from its arguments, a file, or standard input. */

export interface GivenNames {
  /** `-` among them is standard input. */
  readonly args: readonly string[];
  readonly fromFile: string | undefined;
  /** Whether the credential is on standard input, so that no name is. */
  readonly inputIsCredential: boolean;
  /** `credentials revoke`, for advice. */
  readonly command: string;
}

export interface Names {
  readonly names: readonly string[];
  /** Whether standard input is used up. */
  readonly tookInput: boolean;
  /** How many of what an earlier run printed it has done already. */
  readonly done: number;
}

/** Bytes of a list. */
const longestList = 32 * 1024 * 1024;
const mostFlawsTold = 10;

/** Rejects `USAGE` where there are none, or what is there are no names: each such line is named. */
export async function readNames({ args, fromFile, inputIsCredential, command }: GivenNames): Promise<Names> {
  const direct = args.filter((name) => name !== '-');
  const isNothing = args.length === 0 && fromFile === undefined;
  const tookInput = args.includes('-') || fromFile === '-' || (isNothing && !process.stdin.isTTY);
  // not a byte of it is read: names are shown, and a credential must not be
  if (tookInput && inputIsCredential) {
    const advice = 'name the file of one of them: --from-file FILE or --admin-token-file FILE';
    throw new TokenwardError(
      'USAGE',
      `standard input cannot be both the names and the credential; ${advice}`,
    );
  }
  const lists: readonly [place: string, list: NameList][] = [
    ['argument', listOfArguments(direct)],
    ...(fromFile === undefined || fromFile === '-' ? [] : [await listOfFile(fromFile)]),
    ...(tookInput ? [await listOfInput()] : []),
  ];
  const flaws = lists.flatMap(([place, list]) =>
    list.flaws.map(({ line, flaw }) => `${place}:${line}: ${flaw}; a name a line is expected`),
  );
  if (flaws.length > 0) throw flawed(flaws);
  const all = lists.flatMap(([, list]) => list.names);
  const names = [...new Set(all)];
  const done = sum(lists.map(([, list]) => list.done));
  const repeated = sum(lists.map(([, list]) => list.repeated)) + all.length - names.length;
  if (repeated > 0) remark(`${repeated} of the names came again, and are taken once`);
  if (done > 0) remark(`${done} of what an earlier run printed are done already, and are left out`);
  if (names.length > 0 || done > 0) return { names, tookInput, done };
  const where = isNothing && !tookInput ? 'given' : 'in what was given';
  const advice = `\`tokenward ${command} NAME…\`, or --from-file FILE with one a line`;
  throw new TokenwardError('USAGE', `no name is ${where}; run ${advice}`);
}

function sum(counts: readonly number[]): number {
  return counts.reduce((total, count) => total + count, 0);
}

function flawed(flaws: readonly string[]): TokenwardError {
  const more = flaws.length - mostFlawsTold;
  const lines = [...flaws.slice(0, mostFlawsTold), ...(more > 0 ? [`and ${more} more such lines`] : [])];
  return new TokenwardError('USAGE', lines.join('\n'));
}

function listOfArguments(args: readonly string[]): NameList {
  const flaws = args.flatMap((name, at) => {
    const flaw = nameFlaw(name);
    return flaw === null ? [] : [{ line: at + 1, flaw }];
  });
  const names = [...new Set(args)];
  return { names, repeated: args.length - names.length, done: 0, flaws };
}

async function listOfFile(path: string): Promise<[string, NameList]> {
  try {
    await using file = await open(path);
    return [path, await listOf(file.createReadStream(), path)];
  } catch (error) {
    if (error instanceof TokenwardError) throw error;
    const code = errorCode(error) ?? 'unknown error';
    const advice = code === 'ENOENT' ? 'correct the path' : 'look at it, and at who may read it';
    throw new TokenwardError('USAGE', `cannot read the names from ${path} (${code}); ${advice}`, {
      cause: error,
    });
  }
}

async function listOfInput(): Promise<[string, NameList]> {
  return ['standard input', await listOf(process.stdin, 'standard input')];
}

async function listOf(stream: AsyncIterable<unknown>, place: string): Promise<NameList> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of stream) {
    const bytes = chunk as Buffer;
    chunks.push(bytes);
    size += bytes.length;
    if (size > longestList)
      throw new TokenwardError('USAGE', `${place} is larger than ${longestList} bytes, and no list of names`);
  }
  return parseNameList(textOf(Buffer.concat(chunks, size), place));
}

function textOf(bytes: Uint8Array, place: string): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    throw new TokenwardError('USAGE', `${place} is not UTF-8 text; give the names as plain text, one a line`);
  }
}
