import type { AgentConfig, Config } from '../config/config.ts';
import { adminCredentialOption } from './admin-credential.ts';
import { administrator, stoppedBy } from './administer/administrator.ts';
import { chooseAgent } from './administer/choose-agent.ts';
import { obtainConsent } from './administer/consent.ts';
import { consentOptions, serverOption } from './administer/options.ts';
import { StopSignals } from './administer/stop-signals.ts';
import { notToldError, tellDaemon, type Told } from './administer/tell-daemon.ts';
import { defineCommand, jsonOption } from './command.ts';
import { print, printJson, remark } from './output.ts';
import type { Program } from './program.ts';
import { readConfiguration } from './read-configuration.ts';

const { yes, 'dry-run': dryRunOption } = consentOptions;

export const tokensCommand = defineCommand({
  usage: 'tokens <action>',
  summary: 'revoke all tokens at once',
  description: `With revoke-all, the server of an agent revokes all temporary tokens of its provider, at once and
for good: those that agents of other hosts use too. Secrets live on. It takes the root token of the
provider, or a named one, from a file, standard input or a hidden prompt; what agents have stored
is not read for it. Afterwards the daemon of this host is told, and makes new tokens; other hosts
find out when a shipper of theirs is refused.`,
  positionals: {
    action: { type: 'string', choices: ['revoke-all'], demandOption: true, describe: 'what to do' },
  },
  options: { ...serverOption, ...adminCredentialOption, ...jsonOption, yes, 'dry-run': dryRunOption },
  examples: [
    ['tokens revoke-all', 'asks first; where one agent of the configuration has such a server'],
    [
      'tokens revoke-all --agent zone-01 --dry-run',
      'what would be done, and whom the daemon would be told of',
    ],
    ['tokens revoke-all --agent zone-01 --yes --admin-token-file root.token --json', 'in a script'],
  ],
  tooMany: 'tokens revoke-all takes no names: all tokens of the provider are revoked',
  run: async (given, program) => {
    const config = readConfiguration(given.config, program);
    const agent = await chooseAgent(config, 'revokeTokens', given.agent);
    const mates = await agentsAt(config, agent);
    const server = new URL(agent.url).origin;
    const lines = [
      `revoke all temporary tokens of the provider at ${server}`,
      '  this cannot be undone: they all stop working at once, on every host',
      `  agents that run make new ones; the daemon here is told of ${mates.map(({ name }) => name).join(', ')}`,
    ];
    const about = { agent: agent.name, server };
    if (given.dryRun) {
      if (given.json) return printJson({ ...about, dry_run: true, agents: mates.map(({ name }) => name) });
      return print(...lines, 'nothing was sent');
    }
    await obtainConsent({ lines, deed: 'revoke them', yes: given.yes, tookInput: false });
    await revoke(agent, given.adminTokenFile, program);
    const told = await tellDaemon(config, mates);
    if (given.json)
      printJson({
        ...about,
        revoked: true,
        daemon: told === null ? 'not_running' : 'told',
        told: told ?? [],
      });
    else
      print(`all temporary tokens of the provider at ${server} are revoked`, ...(told ?? []).map(toldText));
    if (told === null)
      remark('no daemon runs here that could be told; one makes new tokens when a shipper is refused');
    const error = notToldError(told ?? []);
    if (error !== null) throw error;
  },
});

async function revoke(agent: AgentConfig, file: string | undefined, program: Program): Promise<void> {
  const who = await administrator(agent, 'tokens revoke-all', file, program);
  const { revokeTokens } = await import('../operator/administer.ts');
  using signals = new StopSignals();
  await revokeTokens(stoppedBy(who, signals));
}

/** All agents of the same server whose tokens can be revoked; whether they are of the same provider, only the server knows. */
async function agentsAt(config: Config, { url }: AgentConfig): Promise<readonly AgentConfig[]> {
  const { agentsThat } = await import('../operator/administration.ts');
  const { origin } = new URL(url);
  return agentsThat(config.agents, 'revokeTokens').filter((agent) => new URL(agent.url).origin === origin);
}

function toldText({ agent, result, reason }: Told): string {
  if (result === 'told') return `${agent}: the daemon knows, and makes a new token`;
  return result === 'no_token' ? `${agent}: has no token now` : `${agent}: not told: ${reason}`;
}
