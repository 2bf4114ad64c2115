import type { Users } from '../platform/users.ts';
import { checkAccounts, checkAllowed } from './check-accounts.ts';
import type { AlertCheckContext } from './check-alerts.ts';
import { checkLocalKey } from './check-local-key.ts';
import { checkFolderOf, checkKind } from './check-paths.ts';
import type { ProxyConfig } from './config.ts';
import type { Finding } from './finding.ts';

/** Whether this host has what an injecting proxy asks for. */
export async function checkProxy(
  { place, clientKeyFile, peerUser }: ProxyConfig,
  at: string,
  context: Pick<AlertCheckContext, 'readPrivate'> & { readonly users: Users },
): Promise<readonly Finding[]> {
  const findings = await Promise.all([
    ...(place.kind === 'unix'
      ? [
          checkFolderOf(place.path, 'the socket', 'SOCKET_UNUSABLE', `${at}.unix`),
          checkKind(place.path, 'a socket', 'SOCKET_UNUSABLE', `${at}.unix`),
          checkAccounts(place, at, context.users),
        ]
      : []),
    peerUser === null ? [] : checkAllowed('user', peerUser, `${at}.peer.user`, context.users),
    clientKeyFile === null ? [] : checkLocalKey(clientKeyFile, `${at}.client_key_file`, context),
  ]);
  return findings.flat();
}
