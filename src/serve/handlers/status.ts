import type { Agent } from '../../ports/agent.ts';
import type { AgentHandler, Handler } from '../call.ts';
import { jsonReply } from '../reply.ts';

/** `GET /v1/agents/{agent}` */
export const statusOfAgent: AgentHandler = (_call, agent) => jsonReply(200, agent.status());

/** `GET /v1/agents`: the agents whose status the caller may see, in the order of the configuration. */
export function statusOfAll(agents: () => ReadonlyMap<string, Agent>): Handler {
  return (call) => {
    const visible = [...agents().values()].filter((agent) => call.access.may('status', agent.name));
    return jsonReply(200, { agents: visible.map((agent) => agent.status()) });
  };
}
