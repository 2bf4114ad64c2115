import { keyAdvice, leastKeyBytes } from '../platform/local-key.ts';
import type { Users } from '../platform/users.ts';
import { checkAccounts, checkAllowed } from './check-accounts.ts';
import type { AlertCheckContext } from './check-alerts.ts';
import { checkFolderOf, checkKind } from './check-paths.ts';
import type { ProxyConfig } from './config.ts';
import { type Finding, finding, findingsOf } from './finding.ts';

/** Whether this host has what an injecting proxy asks for. */
export async function checkProxy(
  { place, clientKeyFile, peerUser }: ProxyConfig,
  at: string,
  { users, readPrivate }: Pick<AlertCheckContext, 'readPrivate'> & { readonly users: Users },
): Promise<readonly Finding[]> {
  const findings = await Promise.all([
    ...(place.kind === 'unix'
      ? [
          checkFolderOf(place.path, 'the socket', 'SOCKET_UNUSABLE', `${at}.unix`),
          checkKind(place.path, 'a socket', 'SOCKET_UNUSABLE', `${at}.unix`),
          checkAccounts(place, at, users),
        ]
      : []),
    peerUser === null ? [] : checkAllowed('user', peerUser, `${at}.peer.user`, users),
    clientKeyFile === null
      ? []
      : findingsOf(`${at}.client_key_file`, async () => {
          const key = await readPrivate(clientKeyFile, 'the key file');
          if (Buffer.byteLength(key.reveal()) >= leastKeyBytes) return [];
          const message = `the key in ${clientKeyFile} ${keyAdvice}`;
          return [finding('error', 'KEY_FILE_UNUSABLE', `${at}.client_key_file`, message)];
        }),
  ]);
  return findings.flat();
}
