import { asTokenwardError, type TokenwardError } from '../domain/errors.ts';
import { chunksOf, failure, type NameEnd } from '../domain/revocation.ts';

/** How far a revocation of many came. */
export interface RevocationRun {
  /** One for each name, in the order of the names. */
  readonly ends: readonly NameEnd[];
  /** The last failure that was not of one name alone; null where there was none. */
  readonly error: TokenwardError | null;
  /** Whether somebody stopped it before its end. */
  readonly interrupted: boolean;
}

export interface RevocationWork {
  /** Names that one request may have. */
  readonly atOnce: number;
  /** One request, with its repetitions: the end of each of these names. */
  readonly revoke: (names: readonly string[]) => Promise<readonly NameEnd[]>;
  /** No further request begins once it is aborted. */
  readonly stop: AbortSignal;
  /** Told of names when their end is known. */
  readonly told: (ends: readonly NameEnd[]) => void;
}

/** Statuses by which a server objects to what was asked of it, and may do the next thing well. */
const objections = new Set([400, 404, 409, 422]);

/**
 * Request after request, so that the server gets one at a time. Where it objects to one, its names have failed, and the next
 * follow. Any other failure would meet those too: they are not sent. Never rejects.
 */
export async function revokeMany(
  names: readonly string[],
  { atOnce, revoke, stop, told }: RevocationWork,
): Promise<RevocationRun> {
  const ends: NameEnd[] = [];
  let error: TokenwardError | null = null;
  let isStuck = false;
  for (const chunk of chunksOf(names, atOnce)) {
    if (isStuck || stop.aborted) {
      ends.push(...chunk.map(notSent));
      continue;
    }
    const known = await revoke(chunk).catch((thrown: unknown) => {
      error = asTokenwardError(thrown);
      isStuck = !objections.has(Number(error.fields['status']));
      return endsOfFailure(chunk, error);
    });
    told(known);
    ends.push(...known);
  }
  return { ends, error, interrupted: stop.aborted && ends.some(({ end }) => end === 'not-sent') };
}

/** What surely never left this host was not sent; of the rest nobody knows more than that it failed. */
function endsOfFailure(names: readonly string[], error: TokenwardError): readonly NameEnd[] {
  const neverLeft = error.code === 'SERVER_UNREACHABLE' || error.code === 'SERVER_TLS_FAILED';
  return names.map((name) => (neverLeft ? notSent(name) : failure(name, error.message)));
}

function notSent(name: string): NameEnd {
  return { name, end: 'not-sent', why: null };
}
