import { type ErrorCode, TokenwardError } from '../domain/errors.ts';

/** Something that `tokenward check` has to say about the host. An error keeps the daemon from working, a warning does not. */
export interface Finding {
  readonly severity: 'error' | 'warning';
  readonly code: ErrorCode;
  /** Of the key in the configuration, such as `agents.web-01.tls.ca_file`. */
  readonly path: string;
  readonly message: string;
}

export function finding(
  severity: Finding['severity'],
  code: ErrorCode,
  path: string,
  message: string,
): Finding {
  return { severity, code, path, message };
}

/** What the work finds; and what it throws, where that is a user's mistake. A bug is thrown on. */
export async function findingsOf(
  path: string,
  work: () => Promise<readonly Finding[]>,
): Promise<readonly Finding[]> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof TokenwardError)) throw error;
    return [finding('error', error.code, path, error.message)];
  }
}
