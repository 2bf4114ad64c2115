import { agentArgument, defineCommand, jsonOption } from './command.ts';
import { askable } from './lookup.ts';
import { print, printJson } from './output.ts';
import { pageOf } from './status/answer-page.ts';
import { answerBody, askStatus } from './status/ask.ts';
import { allLines } from './status/page.ts';
import { watchStatus } from './status/watch.ts';
import { viewOfOutput } from './status/words.ts';

export const statusCommand = defineCommand({
  usage: 'status [agent]',
  summary: 'is it fine, until when, what to do',
  description: `Asks the running daemon for the state of one agent, or of all: whether it is well, how long its token
is still good, the next refresh, the command that a person should run next, and every standing
alert. The exit code is 0 whenever the daemon answers, whatever it says. Where none does, it is 69,
and what the state folder and the locks tell is shown instead. docs/status.md explains every word.`,
  positionals: { agent: { ...agentArgument.agent, demandOption: false } },
  options: {
    ...jsonOption,
    watch: {
      type: 'boolean',
      alias: 'w',
      default: false,
      describe: 'stay, and show what changes; q or Ctrl-C ends it',
    },
  },
  examples: [
    ['status', 'all agents, those in trouble first'],
    ['status web-01', 'everything about one agent'],
    ['status --watch', 'stay, and follow; also while the daemon restarts'],
    ['status --watch > changes.txt', 'a line for each change, without a terminal'],
    ['status web-01 --json | jq .token.expires_in', 'the seconds that its token still lives'],
    ['status --json | jq -r \'.agents[] | select(.state != "active").agent\'', 'the agents in trouble'],
    ["status --json --watch | jq -c '[.agent, .state]'", 'a JSON document for each change'],
  ],
  tooMany: 'status takes the name of one agent, or none for all',
  run: async ({ agent: name, config: path, json, watch }, program) => {
    const { daemon, named, config, remarkFlaw, unanswered } = askable(path, program);
    const agent = name === undefined ? null : named(name);
    const question = { daemon, config, agent, env: program.env, unanswered };
    if (watch) return watchStatus(question, json);
    const answer = await askStatus(question);
    if (json) printJson(answerBody(answer, agent !== null));
    else print(...allLines(pageOf(answer, question, { ...viewOfOutput(program.env), since: null })));
    if (answer.kind === 'remains') throw answer.error;
    remarkFlaw();
  },
});
