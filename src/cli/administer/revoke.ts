import type { AgentConfig, Config } from '../../config/config.ts';
import type { Administrator } from '../../operator/administer.ts';
import type { RevocationRun } from '../../operator/revoke-many.ts';
import { print, printJson } from '../output.ts';
import type { Program } from '../program.ts';
import { someOf } from './action-options.ts';
import { administrator, stoppedBy } from './administrator.ts';
import { obtainConsent } from './consent.ts';
import { RevocationOutput, type OutputOptions } from './revocation-output.ts';
import { StopSignals } from './stop-signals.ts';

/** The way of a revocation through its command: what will happen, a yes, the credential, the work, and what became of it. */
export interface RevocationTask {
  readonly agent: AgentConfig;
  readonly program: Program;
  readonly kind: OutputOptions['kind'];
  /** `credentials revoke`. */
  readonly command: string;
  /** null where the server chooses them. */
  readonly names: readonly string[] | null;
  /** `450 credentials`. */
  readonly what: string;
  /** What else there is to know before one agrees. */
  readonly risks: readonly string[];
  readonly given: {
    readonly yes: boolean;
    readonly dryRun: boolean;
    readonly json: boolean;
    readonly adminTokenFile?: string | undefined;
  };
  readonly tookInput: boolean;
  readonly work: (who: Administrator, told: RevocationOutput['told']) => Promise<RevocationRun>;
}

export async function carryOut(task: RevocationTask): Promise<void> {
  const { agent, names, what, risks, given, program, tookInput, kind } = task;
  const server = new URL(agent.url).origin;
  const command = `${task.command} --agent ${agent.name}`;
  const about = { agent: agent.name, server };
  const list = names === null ? '' : `: ${someOf(names)}`;
  const lines = [`revoke ${what} at ${server}${list}`, ...risks.map((risk) => `  ${risk}`)];
  if (given.dryRun) {
    if (given.json) return printJson({ ...about, dry_run: true, names, risks });
    return print(...lines, 'nothing was sent');
  }
  await obtainConsent({ lines, deed: 'revoke them', yes: given.yes, tookInput });
  const who = await administrator(agent, task.command, given.adminTokenFile, program);
  using signals = new StopSignals();
  const total = names?.length ?? null;
  const output = new RevocationOutput({
    kind,
    total,
    json: given.json,
    about,
    again: command,
    env: program.env,
  });
  const { pausing, told } = output;
  output.end(await task.work({ ...stoppedBy(who, signals), pausing }, told));
}

/** Names that agents of this configuration have too, at the same server: what is revoked is most likely theirs. */
export function ownNames(
  { agents }: Config,
  { url, provider }: AgentConfig,
  names: readonly string[],
): readonly string[] {
  const { origin } = new URL(url);
  const asked = new Set(names);
  return agents
    .filter((agent) => agent.provider === provider && new URL(agent.url).origin === origin)
    .map(({ name }) => name)
    .filter((name) => asked.has(name));
}
