import type { RecoveryAnswer } from '../client/daemon-client.ts';
import { TokenwardError } from '../domain/errors.ts';
import {
  recoveryActionNames,
  type RecoveryActionName,
  type RecoveryReport,
  type RecoveryRequest,
} from '../domain/recovery-report.ts';
import { withServerList } from '../domain/recovery-server.ts';
import { notOffered } from '../domain/recovery.ts';
import { agentArgument, defineCommand, jsonOption } from './command.ts';
import { canAsk, confirm } from './confirm.ts';
import { eitherWay } from './either-way.ts';
import type { Recipient } from './hand-over.ts';
import { agentNamed } from './lookup.ts';
import { print, printJson } from './output.ts';
import { mustListSecrets } from './product-check.ts';
import type { Program } from './program.ts';
import { readConfiguration } from './read-configuration.ts';
import { actionText, recoveryLines } from './recover-text.ts';
import { readSecretFile } from './secret-input.ts';
import { timeOf } from './server-time.ts';
import { alertLines } from './status/alert-lines.ts';
import { viewOfOutput } from './status/words.ts';

export const recoverCommand = defineCommand({
  usage: 'recover <agent>',
  summary: 'see what is known of an agent that is stuck, and take the safe next step',
  description: `Shows what is known of the agent where a person must decide: generations, fingerprints, attempts,
kept answers; never a secret. Then it offers the safe next step with its risk and takes it after a
yes, or at once with --yes. It goes through the running daemon, or takes the agent's locks where
none runs. Nothing that could hold the newest secret is deleted: what cannot be read is moved into
a folder of its own. An agent that goes on by itself is left alone (exit code 0). Where only a new
secret helps, that is said (exit code 77): run enroll, or name one of the actions. Without a
terminal and without --yes nothing is done (exit code 64).`,
  positionals: agentArgument,
  options: {
    ...jsonOption,
    yes: { type: 'boolean', default: false, describe: 'take the step without asking' },
    'dry-run': { type: 'boolean', default: false, describe: 'only show what is known' },
    action: {
      type: 'string',
      requiresArg: true,
      choices: recoveryActionNames,
      describe: 'take this step instead of the safe one',
    },
    'admin-token-file': {
      type: 'string',
      requiresArg: true,
      describe:
        "file with an administrator's bearer token, to ask the server's list of secrets; - is standard input",
    },
    name: {
      type: 'string',
      requiresArg: true,
      describe: 'name of the secret at the server [default: that of the agent]',
    },
  },
  examples: [
    ['recover web-01', 'show what is known, and ask before the safe next step'],
    ['recover web-01 --dry-run --json', 'only show it, for a program'],
    [
      'recover web-01 --admin-token-file admin.token',
      "also ask the server's list whether our secret is spent",
    ],
    ['recover web-01 --yes', 'take the safe next step, if there is one'],
    ['recover web-01 --action set-aside', 'give up what is there, so that enroll can begin anew'],
  ],
  tooMany: 'recover takes the name of one agent',
  run: async (given, program) => {
    const config = readConfiguration(given.config, program);
    const recipient: Recipient = { config, agent: agentNamed(config, given.agent), program };
    if (given.adminTokenFile !== undefined) mustListSecrets(recipient.agent);
    const found = await ask(recipient, { action: null, matter: null, dryRun: true });
    const report = await withServer(recipient, found.report, given);
    if (!given.json) print(...recoveryLines(report));
    const action = given.dryRun ? null : chosen(report, given.action ?? null);
    if (action === null) {
      if (given.json) printJson(bodyOf({ ...found, report }));
      if (!given.dryRun) throwWhereStuck(report);
      return;
    }
    if (!given.yes) await agreeTo(report, action);
    const ended = await ask(recipient, { action, matter: report.matter?.code ?? null, dryRun: false });
    if (given.json) printJson(bodyOf({ ...ended, report }));
    else print('', ...outcomeLines(ended, program));
  },
});

function ask({ config, agent, program }: Recipient, request: RecoveryRequest): Promise<RecoveryAnswer> {
  return eitherWay(config, {
    throughDaemon: (daemon) => daemon.recover(agent.name, request),
    pastDaemon: async () => {
      const { recoverAgent } = await import('../operator.ts');
      return recoverAgent({ config, agent: agent.name, ...program }, request);
    },
  });
}

interface ServerOptions {
  readonly adminTokenFile?: string | undefined;
  readonly name?: string | undefined;
}

async function withServer(
  { config, agent, program }: Recipient,
  report: RecoveryReport,
  { adminTokenFile, name = agent.name }: ServerOptions,
): Promise<RecoveryReport> {
  if (adminTokenFile === undefined) return report;
  const admin = await readSecretFile(adminTokenFile, 'credential of the administrator');
  const { findAgentSecret } = await import('../operator.ts');
  const entry = await findAgentSecret({ config, agent: agent.name, ...program }, name, admin);
  const listed =
    entry === null ? null : { name, status: entry.status, modifiedAtMs: timeOf(entry.modificationTime) };
  const clocks = { parseTime: Date.parse, formatTime: (ms: number) => new Date(ms).toISOString() };
  return withServerList(report, name, listed, clocks);
}

/** null where nothing is to be done, or nothing can be recommended. */
function chosen(report: RecoveryReport, wanted: RecoveryActionName | null): RecoveryActionName | null {
  if (wanted === null) return report.recommended;
  if (report.actions.some(({ name }) => name === wanted)) return wanted;
  throw notOffered(report, wanted);
}

/** Throws where the agent does not go on by itself, and nothing was done about it. */
function throwWhereStuck({ remedy, matter, agent, advice }: RecoveryReport): void {
  if (remedy === 'none-needed') return;
  if (matter !== null && remedy === 'store')
    throw new TokenwardError(matter.code, `${matter.summary}; ${advice}`);
  throw new TokenwardError('RECOVERY_NOT_POSSIBLE', `no step is safe for ${agent} as it is; ${advice}`);
}

async function agreeTo(report: RecoveryReport, name: RecoveryActionName): Promise<void> {
  if (!canAsk()) {
    const advice = `add --yes to take the step ${name}, or --dry-run only to look`;
    throw new TokenwardError('USAGE', `there is no terminal at which to ask; ${advice}`);
  }
  const action = report.actions.find((each) => each.name === name);
  const lines = action === undefined ? [] : actionText(action);
  if (await confirm(['', name, ...lines, `${name} now?`].join('\n'))) return;
  throw new TokenwardError('RECOVERY_DECLINED', `nothing was done about ${report.agent}`);
}

function bodyOf({ report, done, setAside, status }: RecoveryAnswer) {
  return { ...report, done, set_aside: setAside, status };
}

function outcomeLines({ done, setAside, status }: RecoveryAnswer, { env }: Program): readonly string[] {
  const { agent, state } = status;
  return [
    `${agent}: ${done} done; it is ${state} now`,
    ...(setAside === null ? [] : [`set aside: ${setAside}`]),
    ...alertLines([status], viewOfOutput(env)),
  ];
}
