import { TokenwardError } from '../../domain/errors.ts';
import type { Log } from '../../ports/log.ts';
import type { WrappingKeyKeeper } from '../../ports/wrapping-keys.ts';
import type { AgentHandler } from '../call.ts';
import { jsonReply } from '../reply.ts';
import { jsonObject, readBody } from '../request-input.ts';

/**
 * `POST /v1/agents/{agent}/rekey`: replaces the agent's wrapping key, and with it that of all agents that share it; with
 * `dry_run` it only tells what would be sealed anew. Once begun it goes on without the client.
 */
export function rekey(keys: WrappingKeyKeeper, log: Log): AgentHandler {
  return async ({ peer, request }, agent) => {
    const dryRun = wantsDryRun(await readBody(request, maxBodyBytes));
    log.info('rekey-requested', { agent: agent.name, uid: peer.uid, pid: peer.pid, dry_run: dryRun });
    const agents = await (dryRun ? keys.preview(agent.name) : keys.replace(agent.name));
    const rekeyed = dryRun ? [] : agents.map(({ agent: name }) => name);
    return jsonReply(200, { agent: agent.name, rekeyed, agents, status: agent.status() });
  };
}

const maxBodyBytes = 4096;

/** Throws `REQUEST_INVALID`, without a word of what the body holds: it may be a key, sent by mistake. */
function wantsDryRun(body: Buffer | null): boolean {
  if (body?.length === 0) return false;
  const fields = body === null ? null : jsonObject(body.toString('utf8'));
  const { dry_run: dryRun = false, ...others } = fields ?? {};
  if (fields !== null && typeof dryRun === 'boolean' && Object.keys(others).length === 0) return dryRun;
  throw new TokenwardError(
    'REQUEST_INVALID',
    'the body is not understood; send nothing, or {"dry_run": true}',
  );
}
