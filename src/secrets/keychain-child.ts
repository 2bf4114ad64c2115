import { onFirstLine } from './first-line.ts';
import { type Keyring, perform } from './keychain-operations.ts';
import type { KeychainAnswer, KeychainRequest } from './keychain-protocol.ts';

/**
 * The process that calls keytar, one request long. libsecret's calls block a thread for as long as the keyring daemon or
 * D-Bus hangs, which is minutes or for ever, and nothing inside a process can end them: not even `process.exit` returns. So
 * they block this process, which its parent kills. It dies with its parent too: the main loop lives while the threads hang,
 * sees the end of standard input, and kills the process as a whole. Built as a file of its own; keep it small, it is
 * started for every call to the keychain.
 */

// a terminal and systemd stop all processes of a group at once; the parent may want this answer to the end
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => {});
process.stdin.on('end', die).on('close', die).on('error', die);
process.stdout.on('error', die);
onFirstLine(process.stdin, (line) => void reply(JSON.parse(line) as KeychainRequest));

async function reply(request: KeychainRequest): Promise<void> {
  const answer = await answerTo(request);
  process.stdout.write(`${JSON.stringify(answer)}\n`, () => process.exit());
}

async function answerTo(request: KeychainRequest): Promise<KeychainAnswer> {
  let keyring: Keyring;
  try {
    keyring = (await import('keytar')).default;
  } catch (error) {
    return { outcome: 'not-loaded', detail: error instanceof Error ? error.message : String(error) };
  }
  return perform(keyring, request);
}

function die(): void {
  process.kill(process.pid, 'SIGKILL');
}
