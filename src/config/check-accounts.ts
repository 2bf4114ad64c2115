import { overflowId, type Users } from '../platform/users.ts';
import { type Finding, finding, findingsOf } from './finding.ts';

/** Whether this host knows the users and groups that the configuration names. */

type AccountKind = 'user' | 'group';

interface Owned {
  readonly owner: string | null;
  readonly group: string | null;
}

export async function checkAccounts(
  { owner, group }: Owned,
  at: string,
  users: Users,
): Promise<readonly Finding[]> {
  const findings = await Promise.all([
    owner === null ? [] : checkAccount('user', owner, `${at}.owner`, users),
    group === null ? [] : checkAccount('group', group, `${at}.group`, users),
  ]);
  return findings.flat();
}

/** Who may do something: not the account that stands for strangers. */
export function checkAllowed(
  kind: AccountKind,
  name: string,
  at: string,
  users: Users,
): Promise<readonly Finding[]> {
  return findingsOf(at, async () => {
    if ((await idOf(kind, name, users)) !== overflowId) return [];
    const message = `${overflowId} stands for every ${kind} that this namespace does not know, and is never allowed; name another ${kind}`;
    return [finding('warning', 'PEER_DENIED', at, message)];
  });
}

function checkAccount(
  kind: AccountKind,
  name: string,
  at: string,
  users: Users,
): Promise<readonly Finding[]> {
  return findingsOf(at, async () => {
    await idOf(kind, name, users);
    return [];
  });
}

function idOf(kind: AccountKind, name: string, users: Users): Promise<number> {
  return kind === 'user' ? users.userId(name) : users.groupId(name);
}
