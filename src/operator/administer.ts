import {
  endsOfAnswer,
  mergeBulkAnswer,
  type CredentialSelection,
  type NameEnd,
} from '../domain/revocation.ts';
import { loadNative } from '../platform/native.ts';
import { createSystemClock } from '../platform/system-clock.ts';
import { systemRandom } from '../platform/system-random.ts';
import type { AgentSecretEntry, CreatedSecret, ProviderAdmin } from '../ports/provider-admin.ts';
import { ableTo, administrationOf, type AdminOptions } from './administration.ts';
import { repeatedly, type Repetition } from './repeat.ts';
import { revokeMany, type RevocationRun, type RevocationWork } from './revoke-many.ts';

/** What the commands of an administrator do at a server, with the patience that they have. */

export interface Administrator
  extends
    Pick<AdminOptions, 'agent' | 'env' | 'credential'>,
    Pick<Repetition, 'stop' | 'abandon' | 'pausing'> {}

/** Milliseconds for the answer to one request: a bulk revocation may take its time. */
const deadlineMs = 60_000;

/** Rejects `SERVER_*`, as everything here does. */
export async function listSecrets(who: Administrator): Promise<readonly AgentSecretEntry[]> {
  const { admin, repetition } = await open(who);
  const list = ableTo(admin.listSecrets, who.agent);
  return repeatedly((signal) => list(signal), true, repetition);
}

export async function createSecret(who: Administrator, name: string): Promise<CreatedSecret> {
  const { admin, repetition } = await open(who);
  const create = ableTo(admin.createSecret, who.agent);
  return repeatedly((signal) => create(name, signal), false, repetition);
}

export async function revokeTokens(who: Administrator): Promise<void> {
  const { admin, repetition } = await open(who);
  const revoke = ableTo(admin.revokeTokens, who.agent);
  await repeatedly((signal) => revoke(signal), true, repetition);
}

/** Rejects only before the first request. */
export async function revokeSecrets(
  who: Administrator,
  names: readonly string[],
  told: RevocationWork['told'],
): Promise<RevocationRun> {
  const { admin, repetition } = await open(who);
  const revokeSecret = ableTo(admin.revokeSecret, who.agent);
  const revoke = async ([name = '']: readonly string[]): Promise<readonly NameEnd[]> => {
    await repeatedly((signal) => revokeSecret(name, signal), true, repetition);
    return [{ name, end: 'done', why: null }];
  };
  return revokeMany(names, { atOnce: 1, revoke, stop: who.stop, told });
}

/** Rejects only before the first request; where the server chooses the names, also where it does not say what it did. */
export async function revokeCredentials(
  who: Administrator,
  selection: CredentialSelection,
  told: RevocationWork['told'],
): Promise<RevocationRun> {
  const { admin, repetition } = await open(who);
  const { atOnce, revoke } = ableTo(admin.revokeCredentials, who.agent);
  if ('expired' in selection) {
    const answer = await repeatedly((signal) => revoke(selection, signal), true, repetition);
    const ends = endsOfAnswer(answer);
    told(ends);
    return { ends, error: null, interrupted: false };
  }
  const revokeChunk = (names: readonly string[]) =>
    repeatedly(
      async (signal, afterLoss) => mergeBulkAnswer(names, await revoke({ names }, signal), afterLoss),
      true,
      repetition,
    );
  return revokeMany(selection.names, { atOnce, revoke: revokeChunk, stop: who.stop, told });
}

async function open({
  stop,
  abandon,
  pausing,
  ...options
}: Administrator): Promise<{ admin: ProviderAdmin; repetition: Repetition }> {
  const clock = createSystemClock(await loadNative());
  return {
    admin: administrationOf({ ...options, deadlineMs }),
    repetition: { clock, random: systemRandom, deadlineMs, stop, abandon, pausing },
  };
}
