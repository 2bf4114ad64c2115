import { setTimeout as pause } from 'node:timers/promises';
import type { DaemonClient } from '../client/daemon-client.ts';
import { errorClasses, TokenwardError } from '../domain/errors.ts';
import type { AgentStatus } from '../domain/status.ts';
import { agentArgument, defineCommand, jsonOption } from './command.ts';
import { formatSpan } from './format.ts';
import { grantText } from './grant-text.ts';
import { askable } from './lookup.ts';
import { print, printJson, remark } from './output.ts';

export const refreshCommand = defineCommand({
  usage: 'refresh <agent>',
  summary: 'make the daemon exchange now',
  description: `Makes the running daemon exchange the agent's secret for a new token now, and tells how it went.
With --wait it also sits out what passes by itself: the limit of exchanges a minute, a server
that asks for patience, an answer that was lost. Ctrl-C ends the wait; the daemon goes on.`,
  positionals: agentArgument,
  options: {
    ...jsonOption,
    wait: { type: 'boolean', default: false, describe: 'wait and ask again where it is only too early' },
  },
  examples: [
    ['refresh web-01', 'exchange now; exit code 75 where it is too early'],
    ['refresh web-01 --wait', 'exchange as soon as it may be'],
  ],
  tooMany: 'refresh takes the name of one agent',
  run: async ({ agent, config: path, json, wait }, program) => {
    const { daemon, named, remarkFlaw, unanswered } = askable(path, program);
    const name = named(agent);
    const refreshed = wait ? refreshPatiently(daemon, name) : daemon.refresh(name);
    const status = await refreshed.catch(unanswered);
    if (json) printJson(status);
    else print(`${name}: granted, ${grantText(status)}`);
    remarkFlaw();
  },
});

async function refreshPatiently(daemon: DaemonClient, agent: string): Promise<AgentStatus> {
  for (;;) {
    try {
      return await daemon.refresh(agent);
    } catch (error) {
      const waitMs = retryAfterMs(error);
      if (waitMs === null) throw error;
      remark(`${agent}: ${(error as TokenwardError).message}; asking again in ${formatSpan(waitMs / 1000)}`);
      await pause(waitMs);
    }
  }
}

/** null for what time alone does not mend: another class, or nothing said about when. */
function retryAfterMs(error: unknown): number | null {
  if (!(error instanceof TokenwardError) || errorClasses[error.code] !== 'try-again') return null;
  return error.retryAfterMs;
}
