import type { Log } from '../../ports/log.ts';
import { whenGone, type AgentHandler } from '../call.ts';
import { jsonReply } from '../reply.ts';

/** `POST /v1/agents/{agent}/refresh`: answers when the exchange has. */
export function refresh(log: Log): AgentHandler {
  return async (call, agent) => {
    log.info('refresh-requested', { agent: agent.name, ...call.described() });
    await agent.refresh(whenGone(call));
    return jsonReply(200, agent.status());
  };
}
