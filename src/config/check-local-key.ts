import { keyAdvice, leastKeyBytes } from '../platform/local-key.ts';
import type { AlertCheckContext } from './check-alerts.ts';
import { type Finding, finding, findingsOf } from './finding.ts';

/** Whether the file holds a key by which programs of this host can show who they are. */
export function checkLocalKey(
  path: string,
  at: string,
  { readPrivate }: Pick<AlertCheckContext, 'readPrivate'>,
): Promise<readonly Finding[]> {
  return findingsOf(at, async () => {
    const key = await readPrivate(path, 'the key file');
    if (Buffer.byteLength(key.reveal()) >= leastKeyBytes) return [];
    return [finding('error', 'KEY_FILE_UNUSABLE', at, `the key in ${path} ${keyAdvice}`)];
  });
}
