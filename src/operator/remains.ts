import { join } from 'node:path';
import type { AgentConfig } from '../config/config.ts';
import { recordFacts, secretFactIn, type AgentRemains, type Holder } from '../domain/remains.ts';
import type { Stamp } from '../domain/stamp.ts';
import { rawName } from '../journal/journal-names.ts';
import { listFolder, type ListedEntry } from '../platform/folder-listing.ts';
import { lockHolder } from '../platform/lock-holder.ts';
import { loadNative } from '../platform/native.ts';
import { createSystemClock } from '../platform/system-clock.ts';
import { errorCode } from '../platform/system-error.ts';
import { notPermitted, readState, type StateReading } from './state-reading.ts';
import { tokenFileRemains } from './token-file-remains.ts';

/**
 * A look at agents without their daemon. Nothing is made, written, locked or tidied up, no server and no keychain is asked, and no
 * secret is opened: only the record and the session, where their key is in a file that this user may read.
 */

export interface LookOptions {
  readonly stateDir: string;
  readonly agents: readonly AgentConfig[];
  readonly env: NodeJS.ProcessEnv;
}

/** In the order of `agents`. What cannot be seen is said, and no reason to reject. */
export async function readRemains({ stateDir, agents, env }: LookOptions): Promise<readonly AgentRemains[]> {
  const now = createSystemClock(await loadNative()).now();
  return Promise.all(
    agents.map((agent) => agentRemains(agent, join(stateDir, 'agents', agent.name), now, env)),
  );
}

async function agentRemains(
  agent: AgentConfig,
  folder: string,
  now: Stamp,
  env: NodeJS.ProcessEnv,
): Promise<AgentRemains> {
  const [holder, { entries, denied }] = await Promise.all([lockHolder(join(folder, 'lock')), look(folder)]);
  const sealed = entries.filter(({ name }) => /^[^.].*\.sealed$/.test(name));
  const names = sealed.map(({ name }) => name);
  const { state, unread }: StateReading =
    denied === null
      ? await readState(agent, { folder, names, isHeld: mayBeHeld(holder), env })
      : { state: null, unread: denied };
  const facts = state === null ? unknownFacts : recordFacts(state, now);
  return {
    agent: agent.name,
    provider: agent.provider,
    state: null,
    ...facts,
    secret: {
      status: state === null ? null : secretFactIn(state),
      generation: state === null ? null : (state.record?.generation ?? 0),
      store: agent.secret.store,
    },
    holder,
    folder,
    files: sealed.map(({ name, modifiedAt }) => ({ name, modified_at: modifiedAt.toISOString() })),
    kept_answers: names.filter((name) => rawName.test(name)).length,
    set_aside: entries.filter(isSetAside).map(({ name }) => name),
    token_files: await Promise.all(
      agent.files.map((file) => tokenFileRemains(file, agent, state?.session ?? null)),
    ),
    unread,
  };
}

const unknownFacts = { token: null, last_exchange: null, open_attempt: null } as const;

function mayBeHeld({ status }: Holder): boolean {
  return status === 'held' || status === 'unknown';
}

function isSetAside({ name, isFolder }: ListedEntry): boolean {
  return isFolder && name.startsWith('set-aside-');
}

interface Look {
  readonly entries: readonly ListedEntry[];
  readonly denied: string | null;
}

async function look(folder: string): Promise<Look> {
  try {
    return { entries: await listFolder(folder), denied: null };
  } catch (error) {
    return { entries: [], denied: notPermitted(folder, errorCode(error)) };
  }
}
