import type { Config } from '../config/config.ts';
import { agentArgument, defineCommand, jsonOption } from './command.ts';
import { agentNamed, requireDaemon } from './lookup.ts';
import { print, printJson } from './output.ts';
import { readConfiguration } from './read-configuration.ts';
import type { AgentSite } from './status/agent-detail.ts';
import { allLines, statusPage } from './status/page.ts';
import { viewOfOutput } from './status/words.ts';

export const statusCommand = defineCommand({
  usage: 'status [agent]',
  summary: 'show what the daemon says of its agents',
  description: `Asks the running daemon for the state of one agent, or of all: its token and how long that is
still good, the next refresh, its secret, and every standing alert with what to do about it.`,
  positionals: { agent: { ...agentArgument.agent, demandOption: false } },
  options: jsonOption,
  examples: [
    ['status', 'a table of all agents'],
    ['status web-01', 'one agent'],
    ['status web-01 --json | jq .token.expires_in', 'the seconds that its token still lives'],
  ],
  tooMany: 'status takes the name of one agent, or none for all',
  run: async ({ agent, config: path, json }, program) => {
    const config = readConfiguration(path, program);
    const name = agent === undefined ? null : agentNamed(config, agent).name;
    const daemon = requireDaemon(config);
    const statuses = name === null ? await daemon.statuses() : [await daemon.status(name)];
    if (json) return printJson(name === null ? { agents: statuses } : statuses[0]);
    const view = viewOfOutput(program.env);
    print(...allLines(statusPage(statuses, { ...view, named: name !== null, siteOf: sitesIn(config) })));
  },
});

function sitesIn({ agents }: Config): (agent: string) => AgentSite | null {
  return (name) => {
    const agent = agents.find((each) => each.name === name);
    return agent === undefined ? null : { url: agent.url, files: agent.files.map(({ path }) => path) };
  };
}
