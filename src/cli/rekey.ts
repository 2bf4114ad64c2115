import type { RekeyAnswer } from '../client/daemon-client.ts';
import type { AgentConfig } from '../config/config.ts';
import { TokenwardError } from '../domain/errors.ts';
import { agentArgument, defineCommand, jsonOption } from './command.ts';
import { eitherWay } from './either-way.ts';
import type { Recipient } from './hand-over.ts';
import { agentNamed } from './lookup.ts';
import { print, printJson, remark } from './output.ts';
import { readConfiguration } from './read-configuration.ts';

export const rekeyCommand = defineCommand({
  usage: 'rekey <agent>',
  summary: 'replace the key that seals what is stored of an agent',
  description: `Makes a new wrapping key, seals everything that is stored of the agent with it, and destroys the old
one: for a key that somebody may have seen, or one that is due. The secret at the server, the token
and the generation stay as they are, and nothing is exchanged. Through the running daemon, which
serves on meanwhile, or past it where none runs. A crash in the middle loses nothing: both keys
open everything until the daemon's next start, or another rekey, finishes it.

Agents with the same key_file share their key: all of this configuration are sealed anew together.
What another configuration seals with that file is lost: give each a key_file of its own first.
Backups of what is stored, and what \`recover\` set aside, open with the old key only.
A systemd credential is systemd's to replace.`,
  positionals: agentArgument,
  options: {
    ...jsonOption,
    'dry-run': { type: 'boolean', default: false, describe: 'only tell what would be sealed anew' },
  },
  examples: [
    ['rekey web-01 --dry-run', 'which agents share its key, and which records are stored'],
    ['rekey web-01', 'replace the key'],
    ['rekey web-01 --json | jq .rekeyed', 'the names of the agents that have a new key'],
  ],
  tooMany: 'rekey takes the name of one agent; agents that share its key are sealed anew with it',
  run: async ({ agent: name, config: path, json, dryRun }, program) => {
    const config = readConfiguration(path, program);
    const agent = agentNamed(config, name);
    const recipient = { config, agent, program };
    assertOurs(agent);
    if (!dryRun) await announceSharers(recipient);
    const answer = await rekey(recipient, dryRun);
    if (json) return printJson(answer);
    print(...linesOf(answer, dryRun));
  },
});

/** Throws for a key that no process of ours could replace, whichever way it goes. */
function assertOurs({ name, secret }: AgentConfig): void {
  if (secret.store === 'memory') {
    const why = 'where nothing is sealed and no key is kept: a restart makes everything new';
    throw new TokenwardError('USAGE', `${name} keeps its secret in memory, ${why}`);
  }
  if (secret.store !== 'file' || secret.key.kind === 'key-file') return;
  const advice = 'replace it by way of a key_file with the same contents (docs/rekey.md has the steps)';
  const message = `the wrapping key of ${name} is the systemd credential ${secret.key.name}, which only systemd can replace; ${advice}`;
  throw new TokenwardError('KEY_FILE_UNUSABLE', message);
}

function rekey({ config, agent, program }: Recipient, dryRun: boolean): Promise<RekeyAnswer> {
  return eitherWay(config, {
    throughDaemon: (daemon) => daemon.rekey(agent.name, dryRun),
    pastDaemon: async () => {
      const { rekeyAgents } = await import('../operator.ts');
      const place = { config, agent: agent.name, ...program };
      const { agents, status } = await rekeyAgents(place, { dryRun, told: tellProgress });
      const rekeyed = dryRun ? [] : agents.map(({ agent: name }) => name);
      return { agent: agent.name, rekeyed, agents, status };
    },
  });
}

function tellProgress({ agent }: RekeyAnswer['agents'][number]): void {
  remark(`${agent}: sealed with the new key`);
}

async function announceSharers({ config, agent }: Recipient): Promise<void> {
  const { agentsSharingKey } = await import('../operator.ts');
  const sharers = await agentsSharingKey(config, agent.name);
  if (sharers.length > 1) remark(`${sharers.length} agents share this key: ${sharers.join(', ')}`);
}

function linesOf({ agents }: RekeyAnswer, dryRun: boolean): readonly string[] {
  const lines = agents.map(({ agent, records }) => {
    const what = records.length === 0 ? 'nothing is stored' : records.join(', ');
    return dryRun ? `${agent}: would be sealed anew: ${what}` : `${agent}: sealed anew: ${what}`;
  });
  return dryRun ? lines : [...lines, 'the wrapping key is replaced, and the old one is gone'];
}
