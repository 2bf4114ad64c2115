import { join } from 'node:path';
import type { AgentConfig, Config } from '../config/config.ts';
import { loadNative } from '../platform/native.ts';
import { createSystemClock } from '../platform/system-clock.ts';
import { systemDisk } from '../platform/system-disk.ts';
import { systemRandom } from '../platform/system-random.ts';
import type { SealedRecord } from '../ports/sealed-records.ts';
import type { KeychainProgram } from '../secrets/keychain-process.ts';
import { secretStoreOpener } from '../secrets/registry.ts';

/**
 * A look into the secret stores from outside: no lock is taken, no record is made or changed, and no secret is decoded. A keychain that has
 * no key of the agent is asked to take a throw-away item, since a locked one answers as if it were absent.
 */

export interface LookOptions {
  readonly config: Pick<Config, 'stateDir'>;
  readonly env: NodeJS.ProcessEnv;
  readonly keychainProgram: KeychainProgram;
  /** The user that runs the daemon, who may own a key file beside root. */
  readonly uid: number;
  /** Milliseconds for a keychain, where its own deadline is longer. */
  readonly timeoutMs: number;
}

/** Resolves to the records that the store has of the agent. Rejects as `SecretStore` does. */
export type LookIntoStore = (agent: AgentConfig) => Promise<readonly SealedRecord[]>;

/** To be called once: its looks at a keychain wait for each other, since two prompts at once can leave it hanging. */
export async function storeLook({
  config,
  env,
  keychainProgram,
  uid,
  timeoutMs,
}: LookOptions): Promise<LookIntoStore> {
  const clock = createSystemClock(await loadNative());
  const open = secretStoreOpener({
    uid,
    env,
    keychainProgram,
    disk: systemDisk,
    random: systemRandom,
    clock,
  });
  return ({ name, secret }) => {
    const bounded =
      secret.store === 'keychain'
        ? { ...secret, deadlineMs: Math.min(secret.deadlineMs, timeoutMs) }
        : secret;
    const store = open(bounded, { agent: name, folder: join(config.stateDir, 'agents', name) });
    return store.records(new AbortController().signal);
  };
}
