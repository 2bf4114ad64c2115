import type { AgentConfig, Config } from '../config/config.ts';
import { TokenwardError } from '../domain/errors.ts';
import { credentialTypes, type CredentialSelection, type CredentialType } from '../domain/revocation.ts';
import { adminCredentialOption } from './admin-credential.ts';
import { chooseAgent } from './administer/choose-agent.ts';
import { readNames, type Names } from './administer/names.ts';
import { consentOptions, serverOption } from './administer/options.ts';
import { carryOut, ownNames, type RevocationTask } from './administer/revoke.ts';
import { defineCommand, jsonOption } from './command.ts';
import { remark } from './output.ts';
import type { Program } from './program.ts';
import { readConfiguration } from './read-configuration.ts';

export const credentialsCommand = defineCommand({
  usage: 'credentials <action> [name..]',
  summary: 'revoke many credentials at once',
  description: `Revokes API credentials at the server of an agent, 200 with each request: they are disabled at
once, and removed by the server later. By name, or with --expired all of one type that have
expired. The credential of the administrator comes from a file, standard input or a hidden prompt.

Names are arguments, or lines of --from-file or standard input. What became of each is printed, a
line each: \`marked for deletion\`, \`failed: \` with the reason, or \`not sent\`. Where one is not
done, the exit code is 77. --from-file takes what was printed, and goes on with what is not done.
Ctrl-C lets the request under way end, and prints the rest as not sent (exit code 75).

A server that is overloaded or away is asked again, up to six times, as late as it wants.`,
  positionals: {
    action: { type: 'string', choices: ['revoke'], demandOption: true, describe: 'what to do' },
    name: {
      type: 'string',
      array: true,
      describe: 'name of a credential; - reads names from standard input',
    },
  },
  options: {
    ...serverOption,
    ...adminCredentialOption,
    ...jsonOption,
    type: {
      type: 'string',
      requiresArg: true,
      choices: credentialTypes,
      describe: 'type of the expired credentials; with names it is not needed, and not sent',
    },
    expired: {
      type: 'boolean',
      default: false,
      describe: 'all of the --type that have expired, instead of names',
    },
    ...consentOptions,
  },
  examples: [
    ['credentials revoke ci-2024 ci-2025', 'asks first'],
    ['credentials revoke --from-file old.txt --dry-run', 'what would be revoked'],
    ['credentials revoke --from-file old.txt --yes --admin-token-file admin.token > done.txt', 'in a script'],
    ['credentials revoke --from-file done.txt', 'go on with what that one has not done'],
    ['credentials revoke --expired --type SERVICE_API_TOKEN', 'clear away what has expired'],
  ],
  run: async (given, program) => {
    const { expired, type, name: args = [], fromFile } = given;
    const config = readConfiguration(given.config, program);
    const agent = await chooseAgent(config, 'bulkRevoke', given.agent);
    if (expired)
      return revoke(expiredTask(type, args.length > 0 || fromFile !== undefined), agent, given, program);
    const names = await readNames({
      args,
      fromFile,
      inputIsCredential: given.adminTokenFile === '-',
      command: 'credentials revoke',
    });
    if (names.names.length === 0) return remark('nothing is left to revoke');
    await revoke(namedTask(config, agent, names), agent, given, program);
  },
});

type Task = Pick<RevocationTask, 'names' | 'what' | 'risks' | 'tookInput'> & {
  readonly selection: CredentialSelection;
};

/** Throws `USAGE` where the type is missing, or names are given too. */
function expiredTask(type: CredentialType | undefined, hasNames: boolean): Task {
  if (hasNames)
    throw new TokenwardError('USAGE', '--expired takes no names: the server chooses those that have expired');
  if (type === undefined)
    throw new TokenwardError(
      'USAGE',
      `--expired needs the type of the credentials: --type ${credentialTypes.join(' | ')}`,
    );
  const what = `all credentials of the type ${type} that have expired`;
  return { selection: { expired: type }, names: null, what, risks: [undoing], tookInput: false };
}

function namedTask(config: Config, agent: AgentConfig, { names, tookInput }: Names): Task {
  return {
    selection: { names },
    names,
    what: names.length === 1 ? '1 credential' : `${names.length} credentials`,
    risks: [
      undoing,
      ...ownNames(config, agent, names).map(
        (name) => `${name} is an agent of this configuration, and may be the one that uses it`,
      ),
    ],
    tookInput,
  };
}

const undoing = 'this cannot be undone: they are disabled at once, and removed later';

async function revoke(
  { selection, ...task }: Task,
  agent: AgentConfig,
  given: RevocationTask['given'],
  program: Program,
): Promise<void> {
  await carryOut({
    ...task,
    agent,
    program,
    kind: 'credentials',
    command: 'credentials revoke',
    given,
    work: async (who, told) => {
      const { revokeCredentials } = await import('../operator/administer.ts');
      return revokeCredentials(who, selection, told);
    },
  });
}
