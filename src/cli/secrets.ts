import type { AgentConfig, Config } from '../config/config.ts';
import { TokenwardError } from '../domain/errors.ts';
import { nameFlaw } from '../domain/name-list.ts';
import { adminCredentialOption } from './admin-credential.ts';
import { assertHeeded, assertNoNames } from './administer/action-options.ts';
import { chooseAgent } from './administer/choose-agent.ts';
import { createAndKeep } from './administer/create-secret.ts';
import type { Wish } from './administer/keep-secret.ts';
import { showSecrets } from './administer/list-secrets.ts';
import { readNames } from './administer/names.ts';
import { consentOptions, serverOption } from './administer/options.ts';
import { carryOut, ownNames } from './administer/revoke.ts';
import { defineCommand, jsonOption } from './command.ts';
import { agentNamed } from './lookup.ts';
import { remark } from './output.ts';
import type { Program } from './program.ts';
import { readConfiguration } from './read-configuration.ts';

const actions = ['list', 'create', 'revoke'] as const;

/** Those that are for some actions only. */
const ofActions = {
  out: ['create'],
  'into-agent': ['create'],
  print: ['create'],
  'from-file': ['revoke'],
  yes: ['revoke'],
  'dry-run': ['revoke'],
} as const;

export const secretsCommand = defineCommand({
  usage: 'secrets <action> [name..]',
  summary: 'list, create and revoke agent secrets at the server',
  description: `What an administrator does with the secrets of agents, at the server of one of them. The
credential of the administrator comes from a file, standard input or a hidden prompt, and is never
an argument.

  list           the secrets that the server has, without their texts
  create NAME    a new one, into --out FILE or --into-agent AGENT, or shown with --print
  revoke NAME..  for good, after a question; tokens that they brought stay valid to their end

Names to revoke are arguments, or lines of --from-file or standard input. What became of each is
printed, a line each, which --from-file takes too: so the next run goes on with what is not done.
\`tokenward enroll\` creates a secret for an agent of this host, and stores it, in one step.`,
  positionals: {
    action: { type: 'string', choices: actions, demandOption: true, describe: 'what to do' },
    name: {
      type: 'string',
      array: true,
      describe: 'name of a secret at the server; - reads names from standard input',
    },
  },
  options: {
    ...serverOption,
    ...adminCredentialOption,
    ...jsonOption,
    out: {
      type: 'string',
      requiresArg: true,
      describe: 'create: new file for the secret, which only this user may read',
    },
    'into-agent': {
      type: 'string',
      requiresArg: true,
      describe: 'create: agent of this configuration that takes the secret over, as with import',
    },
    print: { type: 'boolean', default: false, describe: 'create: print the secret on standard output' },
    ...consentOptions,
  },
  examples: [
    ['secrets list --agent web-01', "the secrets at web-01's server"],
    ['secrets create web-07 --agent web-01 --out web-07.secret', 'for another host, in a file of mode 0600'],
    ['secrets create web-01-b --into-agent web-01', 'for an agent of this host'],
    ['secrets revoke web-05 web-06 --agent web-01', 'asks first'],
    ['secrets revoke --agent web-01 --from-file old.txt --dry-run', 'what would be revoked'],
    [
      'secrets revoke --agent web-01 --from-file old.txt --yes --admin-token-file admin.token > done.txt',
      'in a script',
    ],
  ],
  run: async (given, program) => {
    const { action, name: names = [] } = given;
    assertHeeded('secrets', action, given, ofActions);
    const config = readConfiguration(given.config, program);
    if (action === 'list') {
      assertNoNames('secrets list', names);
      return showSecrets(await chooseAgent(config, 'list', given.agent), given, program);
    }
    if (action === 'create') return create(config, names, given, program);
    const agent = await chooseAgent(config, 'revoke', given.agent);
    return revoke(config, agent, { ...given, names }, program);
  },
});

interface CreateOptions {
  readonly agent?: string | undefined;
  readonly out?: string | undefined;
  readonly intoAgent?: string | undefined;
  readonly print: boolean;
  readonly adminTokenFile?: string | undefined;
  readonly json: boolean;
}

async function create(
  config: Config,
  names: readonly string[],
  given: CreateOptions,
  program: Program,
): Promise<void> {
  const [name, ...others] = names;
  if (name === undefined || others.length > 0 || nameFlaw(name) !== null)
    throw new TokenwardError(
      'USAGE',
      'secrets create takes the name of one secret, which must be new at the server',
    );
  const agent = await chooseAgent(config, 'create', given.agent ?? given.intoAgent);
  const wish = wishOf(config, agent, given, program);
  const { adminTokenFile, json } = given;
  await createAndKeep({ agent, program, name, wish, adminTokenFile, json });
}

function wishOf(
  config: Config,
  agent: AgentConfig,
  { out, intoAgent, print }: CreateOptions,
  program: Program,
): Wish {
  const wishes: readonly Wish[] = [
    ...(out === undefined ? [] : [{ where: 'file', path: out } as const]),
    ...(intoAgent === undefined
      ? []
      : [{ where: 'agent', recipient: { config, agent: agentNamed(config, intoAgent), program } } as const]),
    ...(print ? [{ where: 'output' } as const] : []),
  ];
  const [wish, ...others] = wishes;
  if (wish === undefined || others.length > 0) {
    const ways = '--out FILE for a new file, --into-agent AGENT for the store of an agent, or --print';
    throw new TokenwardError('USAGE', `the secret is shown once; name the one place where it goes: ${ways}`);
  }
  if (wish.where === 'agent') assertSameServer(agent, wish.recipient.agent);
  return wish;
}

function assertSameServer(agent: AgentConfig, taker: AgentConfig): void {
  const isSame = taker.provider === agent.provider && new URL(taker.url).origin === new URL(agent.url).origin;
  if (isSame) return;
  const why = `the server of ${agent.name} makes the secret, and ${taker.name} would take it to another`;
  throw new TokenwardError('USAGE', `${why}; leave --agent away, or name an agent of the same server`);
}

interface RevokeOptions {
  readonly names: readonly string[];
  readonly fromFile?: string | undefined;
  readonly yes: boolean;
  readonly dryRun: boolean;
  readonly json: boolean;
  readonly adminTokenFile?: string | undefined;
}

async function revoke(
  config: Config,
  agent: AgentConfig,
  given: RevokeOptions,
  program: Program,
): Promise<void> {
  const { names, tookInput } = await readNames({
    args: given.names,
    fromFile: given.fromFile,
    inputIsCredential: given.adminTokenFile === '-',
    command: 'secrets revoke',
  });
  if (names.length === 0) return remark('nothing is left to revoke');
  const own = ownNames(config, agent, names);
  await carryOut({
    agent,
    program,
    kind: 'secrets',
    command: 'secrets revoke',
    names,
    what: names.length === 1 ? '1 secret' : `${names.length} secrets`,
    risks: [
      'this cannot be undone: who uses one of them needs a new secret',
      'tokens that were issued already stay valid until they expire',
      ...own.map((name) => `${name} is an agent of this configuration, and may be the one that uses it`),
    ],
    given,
    tookInput,
    work: async (who, told) => {
      const { revokeSecrets } = await import('../operator/administer.ts');
      return revokeSecrets(who, names, told);
    },
  });
}
