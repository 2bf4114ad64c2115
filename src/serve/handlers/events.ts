import { TokenwardError } from '../../domain/errors.ts';
import type { Agent } from '../../ports/agent.ts';
import type { AgentHandler, Call } from '../call.ts';
import { EventStream } from '../event-stream.ts';
import { readEventId } from '../event-view.ts';
import type { Heartbeat } from '../heartbeat.ts';
import { noStore } from '../reply.ts';
import type { Watchers } from '../watchers.ts';

/** `GET /v1/agents/{agent}/events`: server-sent events (WHATWG HTML §9.2) about the agent's tokens and its state. */

/** How long clients wait before they connect anew, milliseconds. */
const reconnectMs = 2000;

/** Without the last, nginx would hold events back until its buffer is full. */
const headers = ['Content-Type', 'text/event-stream', ...noStore, 'X-Accel-Buffering', 'no'];

export function events(watchers: Watchers, heartbeat: Heartbeat): AgentHandler {
  return (call, agent) => {
    if (agent.ended.aborted || call.closing.aborted) throw ending(agent);
    // A look that fails must fail before the head of the answer is out.
    agent.status();
    return { status: 200, headers, begin: () => begin(call, agent.name, watchers, heartbeat) };
  };
}

function begin(call: Call, name: string, watchers: Watchers, heartbeat: Heartbeat): void {
  const { access, request, response } = call;
  const stream = new EventStream(response, () => access.may('status', name));
  const watch = watchers.watch(name, 'events', stream);
  if (watch === null) {
    stream.over();
    return;
  }
  const known = readEventId(request.headers['last-event-id']?.toString());
  stream.write(`retry: ${reconnectMs}\n\n${watch.since(known) ?? ''}`);
  const stopBeat = heartbeat.add(() => stream.beat());
  response.once('close', () => {
    watch.stop();
    stopBeat();
  });
}

/** Only a moment: the daemon stops, or the agent is made anew with another configuration. */
function ending({ name }: Agent): TokenwardError {
  return new TokenwardError('SHUTTING_DOWN', `agent ${name} is being stopped; connect again in a moment`, {
    retryAfterMs: 1000,
  });
}
