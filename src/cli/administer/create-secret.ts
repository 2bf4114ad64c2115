import type { AgentConfig } from '../../config/config.ts';
import { asTokenwardError, TokenwardError } from '../../domain/errors.ts';
import type { Administrator } from '../../operator/administer.ts';
import type { CreatedSecret } from '../../operator/administration.ts';
import { errorCode } from '../../platform/system-error.ts';
import { reportHandOver } from '../hand-over-report.ts';
import { print, printJson } from '../output.ts';
import { uninterrupted } from '../patience.ts';
import type { Program } from '../program.ts';
import { administrator } from './administrator.ts';
import { prepareKeeper, type Keeper, type Kept, type Wish } from './keep-secret.ts';

/** A new secret, from the server straight into its place. */
export interface Creation {
  readonly agent: AgentConfig;
  readonly program: Program;
  readonly name: string;
  readonly wish: Wish;
  readonly adminTokenFile: string | undefined;
  readonly json: boolean;
}

export async function createAndKeep(creation: Creation): Promise<void> {
  const { agent, name, wish, adminTokenFile, json, program } = creation;
  const who = await administrator(agent, `secrets create ${name}`, adminTokenFile, program);
  const keeper = await prepareKeeper(wish);
  const { created, kept } = await uninterrupted(async () => {
    const secret = await createOrGiveUp(who, name, keeper);
    return { created: secret, kept: await keepOrTell(creation, secret, keeper) };
  });
  if (kept.where === 'output') return show(creation, created);
  if (json) return printJson({ ...factsOf(agent, created), ...jsonOfKept(kept) });
  if (kept.where === 'agent') return reportHandOver(kept.agent, kept.result, false, program);
  print(`${created.name}: created, its secret is in ${kept.path}`);
}

async function createOrGiveUp(who: Administrator, name: string, keeper: Keeper): Promise<CreatedSecret> {
  try {
    const { createSecret } = await import('../../operator/administer.ts');
    return await createSecret(who, name);
  } catch (error) {
    await keeper.giveUp();
    throw error;
  }
}

async function keepOrTell({ agent }: Creation, created: CreatedSecret, keeper: Keeper): Promise<Kept> {
  try {
    return await keeper.keep(created.secret);
  } catch (error) {
    throw leftBehind(agent, created, error);
  }
}

/** The server has a secret now that nobody has: the user must know how to get rid of it. */
function leftBehind(agent: AgentConfig, { name }: CreatedSecret, cause: unknown): TokenwardError {
  const { code, message } = asTokenwardError(cause);
  const advice = `revoke it with \`tokenward secrets revoke ${name} --agent ${agent.name}\`, and create another`;
  return new TokenwardError(
    code,
    `the server has created the secret ${name}, but nobody has it: ${message}; ${advice}`,
    { cause },
  );
}

/** Unlike other output, this must have arrived. Rejects `OUTPUT_FAILED`. */
async function show({ agent, json }: Creation, created: CreatedSecret): Promise<void> {
  const text = created.secret.reveal();
  const facts = { ...factsOf(agent, created), secret: text };
  const printed = json ? `${JSON.stringify(facts, null, 2)}\n` : process.stdout.isTTY ? `${text}\n` : text;
  await new Promise<void>((resolve, reject) => {
    process.stdout.write(printed, (error) => {
      if (error === null || error === undefined) return resolve();
      const reason = errorCode(error) ?? 'unknown error';
      const failure = new TokenwardError('OUTPUT_FAILED', `it could not be printed (${reason})`);
      reject(leftBehind(agent, created, failure));
    });
  });
}

function factsOf(agent: AgentConfig, { id, name, status }: CreatedSecret) {
  return { agent: agent.name, id, name, status };
}

function jsonOfKept(kept: Exclude<Kept, { where: 'output' }>) {
  return kept.where === 'file'
    ? { file: kept.path }
    : { into_agent: kept.agent, stored: true, granted: kept.result.granted };
}
