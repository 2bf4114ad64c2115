import { overflowId, type Users } from '../platform/users.ts';
import { type Finding, finding, findingsOf } from './finding.ts';

/** Whether this host knows the users and groups that the configuration names. */

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

export function checkAllowed(
  kind: 'user' | 'group',
  name: string,
  at: string,
  users: Users,
): Promise<readonly Finding[]> {
  return findingsOf(at, async () => {
    const id = await (kind === 'user' ? users.userId(name) : users.groupId(name));
    if (id !== overflowId) return [];
    const message = `${id} stands for every ${kind} that this namespace does not know, and is never allowed; name another ${kind}`;
    return [finding('warning', 'PEER_DENIED', at, message)];
  });
}

function checkAccount(
  kind: 'user' | 'group',
  name: string,
  at: string,
  users: Users,
): Promise<readonly Finding[]> {
  return findingsOf(at, async () => {
    await (kind === 'user' ? users.userId(name) : users.groupId(name));
    return [];
  });
}
