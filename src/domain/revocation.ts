/** Revoking many things at once: what is asked for, what the server says of each, and what that comes to. */

/** The types of credentials that an expired one may be of (API page "Bulk Revoke service credential"), in its order. */
export const credentialTypes = [
  'API_CERTIFICATE',
  'KUBE_CONFIG',
  'API_TOKEN',
  'SERVICE_API_TOKEN',
  'SERVICE_API_CERTIFICATE',
  'SERVICE_KUBE_CONFIG',
  'SITE_GLOBAL_KUBE_CONFIG',
  'SCIM_API_TOKEN',
  'SERVICE_SITE_GLOBAL_KUBE_CONFIG',
] as const;

export type CredentialType = (typeof credentialTypes)[number];

export type CredentialSelection =
  | { readonly names: readonly string[] }
  /** All of this type that have expired. */
  | { readonly expired: CredentialType };

/** What the server says of a bulk revocation. */
export interface BulkAnswer {
  readonly marked: readonly string[];
  readonly failed: readonly string[];
  /** Its words on the failures, for all of them; null where it has none. */
  readonly message: string | null;
}

/** What became of one name. `why` is null where it is done, or was not sent. */
export interface NameEnd {
  readonly name: string;
  readonly end: 'done' | 'failed' | 'not-sent';
  readonly why: string | null;
}

export interface EndCounts {
  readonly done: number;
  readonly failed: number;
  readonly notSent: number;
}

/** In their order, each as large as it may be but the last. */
export function chunksOf<Item>(items: readonly Item[], most: number): readonly (readonly Item[])[] {
  const count = Math.ceil(items.length / most);
  return Array.from({ length: count }, (_, at) => items.slice(at * most, (at + 1) * most));
}

/**
 * The end of each name that was asked for, and of no other: what the server does not clearly say is done, is not. `repeated`
 * says that an earlier answer to the same request was lost: a failure may then only mean that it was done the first time.
 */
export function mergeBulkAnswer(
  names: readonly string[],
  { marked, failed, message }: BulkAnswer,
  repeated: boolean,
): readonly NameEnd[] {
  const isMarked = new Set(marked);
  const isFailed = new Set(failed);
  const after = repeated ? ' (asked again after a lost answer: it may have been done then)' : '';
  return names.map((name) => {
    if (isFailed.has(name)) return failure(name, `${message ?? 'the server gave no reason'}${after}`);
    if (isMarked.has(name)) return { name, end: 'done', why: null };
    return failure(name, `the server did not say${after}`);
  });
}

/** The end of each name that the server's answer has, where it chose them itself. */
export function endsOfAnswer(answer: BulkAnswer): readonly NameEnd[] {
  return mergeBulkAnswer([...new Set([...answer.failed, ...answer.marked])], answer, false);
}

export function failure(name: string, why: string): NameEnd {
  return { name, end: 'failed', why };
}

export function countEnds(ends: readonly NameEnd[]): EndCounts {
  const count = (end: NameEnd['end']) => ends.filter((each) => each.end === end).length;
  return { done: count('done'), failed: count('failed'), notSent: count('not-sent') };
}
