import { once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import { request } from 'node:https';
import type { Secret } from '../../domain/secret.ts';
import type { Stage } from './stage.ts';

/** Posts log events to the demo's server with a token; resolves to the status of the answer. */
export async function postEvents(stage: Stage, token: Secret, events: readonly string[]): Promise<number> {
  const { emulator, ca, agent } = stage;
  const body = JSON.stringify({ events: events.map((text) => ({ text })) });
  const outgoing = request(`${emulator.url}/api/v2/events/ingest/${agent}`, {
    method: 'POST',
    ca,
    agent: false,
    headers: { authorization: `Bearer ${token.reveal()}`, 'content-type': 'application/json' },
  });
  outgoing.end(body);
  const [answer] = (await once(outgoing, 'response')) as [IncomingMessage];
  answer.resume();
  await once(answer, 'end');
  return answer.statusCode ?? 0;
}
