import { TokenwardError } from '../../domain/errors.ts';
import type { Secret } from '../../domain/secret.ts';
import { ReservedFile } from '../../platform/reserved-file.ts';
import { maxSecretBytes } from '../../platform/secret-input.ts';
import { errorCode } from '../../platform/system-error.ts';
import { proveHandOver } from '../hand-over-proof.ts';
import { handOver, type HandOverResult, type Recipient } from '../hand-over.ts';

/** Where a new secret goes. What stands in the way of that comes out before there is one. */
export interface Keeper {
  /** Durable on return, as far as the place is. */
  readonly keep: (secret: Secret) => Promise<Kept>;
  /** The server made none. */
  readonly giveUp: () => Promise<void>;
}

export type Kept =
  | { readonly where: 'file'; readonly path: string }
  | { readonly where: 'agent'; readonly agent: string; readonly result: HandOverResult }
  | { readonly where: 'output'; readonly secret: Secret };

export type Wish =
  | { readonly where: 'file'; readonly path: string }
  | { readonly where: 'agent'; readonly recipient: Recipient }
  | { readonly where: 'output' };

/** Rejects `USAGE` and `OUTPUT_FAILED` for a file that cannot be made, and as a hand-over does. */
export async function prepareKeeper(wish: Wish): Promise<Keeper> {
  if (wish.where === 'file') return fileKeeper(wish.path);
  if (wish.where === 'output')
    return { keep: async (secret) => ({ where: 'output', secret }), giveUp: async () => {} };
  const { recipient } = wish;
  await proveHandOver(recipient);
  return {
    keep: async (secret) => ({
      where: 'agent',
      agent: recipient.agent.name,
      result: await handOver(recipient, secret),
    }),
    giveUp: async () => {},
  };
}

async function fileKeeper(path: string): Promise<Keeper> {
  const file = await ReservedFile.create(path, maxSecretBytes + 1).catch((cause: unknown) => {
    throw notMade(path, errorCode(cause) ?? 'unknown error', cause);
  });
  return {
    keep: async (secret) => {
      await file.fill(Buffer.from(`${secret.reveal()}\n`)).catch((cause: unknown) => {
        const reason = errorCode(cause) ?? 'unknown error';
        throw new TokenwardError('OUTPUT_FAILED', `it could not be written to ${path} (${reason})`, {
          cause,
        });
      });
      return { where: 'file', path };
    },
    giveUp: () => file.discard(),
  };
}

function notMade(path: string, code: string, cause: unknown): TokenwardError {
  if (code === 'EEXIST')
    return new TokenwardError('USAGE', `${path} is there already, and is not overwritten; name a new file`);
  if (code === 'ENOENT' || code === 'ENOTDIR')
    return new TokenwardError(
      'USAGE',
      `there is no folder in which ${path} could be; make it, or name another`,
    );
  const advice =
    'nothing was created at the server; name a file that this user can make, on a disk with room';
  return new TokenwardError('OUTPUT_FAILED', `${path} cannot be made (${code}); ${advice}`, { cause });
}
