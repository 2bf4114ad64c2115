import { TokenwardError } from '../../domain/errors.ts';
import { canAsk, confirm } from '../confirm.ts';

/** What is about to be destroyed, and whether somebody has agreed to that. */
export interface Consent {
  /** What will happen, the risk of it included. */
  readonly lines: readonly string[];
  /** `revoke them`. */
  readonly deed: string;
  /** Whether it was agreed to on the command line. */
  readonly yes: boolean;
  /** Whether standard input is used up, so that nobody can answer there. */
  readonly tookInput: boolean;
}

/** Rejects `USAGE` where nobody can be asked, and `DECLINED` after a no. */
export async function obtainConsent({ lines, deed, yes, tookInput }: Consent): Promise<void> {
  if (yes) return;
  if (tookInput || !canAsk()) {
    const advice = `add --yes to ${deed}, or --dry-run only to look`;
    throw new TokenwardError('USAGE', `there is no terminal at which to ask; ${advice}`);
  }
  if (await confirm([...lines, `${deed} now?`].join('\n'))) return;
  throw new TokenwardError('DECLINED', 'nothing was sent to the server');
}
