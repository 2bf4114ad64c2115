import { setTimeout as pause } from 'node:timers/promises';
import type { AgentConfig } from '../config/config.ts';
import { products } from '../config/products.ts';
import { TokenwardError } from '../domain/errors.ts';
import type { StoreKind } from '../domain/status.ts';
import { type Examination, type Lines, seesAll } from './examination.ts';
import { judgeSecret, type SecretFacts } from './judge-secret.ts';

/** The secret stores: by a look of our own where that is harmless, else by what the daemon says. */
export function examineSecrets(examination: Examination): readonly Lines[] {
  return examination.config.agents.map(async (agent): Lines => {
    const found = await findOut(examination, agent);
    const { create } = products[agent.provider];
    return [judgeSecret({ agent: agent.name, store: agent.secret.store, creates: create, found })];
  });
}

async function findOut(examination: Examination, agent: AgentConfig): Promise<SecretFacts['found']> {
  const { store } = agent.secret;
  if (store === 'memory') return { kind: 'records', records: [] };
  const { statuses, pid, failure } = await examination.daemon;
  const status = 'code' in statuses ? undefined : statuses.find(({ agent: name }) => name === agent.name);
  const isRunning = status !== undefined || pid !== null || failure?.fields['sent'] === true;
  const obstacle = obstacleTo(examination, agent, isRunning);
  if (obstacle === null) return look(examination, agent);
  return status === undefined ? obstacle : { kind: 'status', status };
}

async function look(
  { lookIntoStore, timeoutMs }: Examination,
  agent: AgentConfig,
): Promise<SecretFacts['found']> {
  const late = new AbortController();
  try {
    const looks = [lookIntoStore(agent)];
    // looks at keychains wait for each other, and each has a deadline of its own
    if (agent.secret.store !== 'keychain') looks.push(hung(agent.secret.store, timeoutMs, late.signal));
    return { kind: 'records', records: await Promise.race(looks) };
  } catch (error) {
    if (error instanceof TokenwardError) return { kind: 'failed', error };
    throw error;
  } finally {
    late.abort();
  }
}

/** Rejects `STORE_HUNG` when the time is over, unless the signal comes before. */
async function hung(store: StoreKind, timeoutMs: number, signal: AbortSignal): Promise<never> {
  await pause(timeoutMs, undefined, { signal });
  const advice =
    store === 'kubernetes'
      ? 'see to the network between here and the API server'
      : 'see what its disk waits for (dmesg | tail)';
  const message = `the store did not answer within ${timeoutMs / 1_000} s; ${advice}`;
  throw new TokenwardError('STORE_HUNG', message);
}

type Unseen = Extract<SecretFacts['found'], { kind: 'unseen' }>;

/**
 * Why we do not look ourselves. A keyring that is locked prompts at every call, and two prompts at once can leave
 * gnome-keyring unable to answer: beside a running daemon its word has to do.
 */
function obstacleTo(
  examination: Examination,
  { name, secret }: AgentConfig,
  isRunning: boolean,
): Unseen | null {
  const { service, self, names, env } = examination;
  const user = names.user(service.uid);
  if (secret.store === 'keychain' && isRunning) {
    const why = 'a daemon runs, and its keychain is not asked beside it';
    return unseen(why, `ask the daemon, as a user that allow names: tokenward status ${name}`);
  }
  if (secret.store === 'keychain' && self.uid !== service.uid)
    return unseen(`the keychain is that of ${user}`, `sudo -u ${user} tokenward doctor`);
  if (!seesAll(examination))
    return unseen(`the store is for ${user} only`, `sudo -u ${user} tokenward doctor`);
  const isUnits = secret.store === 'file' && secret.key.kind === 'credential';
  if (isUnits && env['CREDENTIALS_DIRECTORY'] === undefined) {
    const why = 'the key is a systemd credential, which only the unit has';
    return unseen(why, 'start the daemon, and ask again as root: systemctl start tokenward');
  }
  return null;
}

function unseen(why: string, mend: string): Unseen {
  return { kind: 'unseen', why, mend };
}
