import { TokenwardError } from '../../domain/errors.ts';
import type { Agent } from '../../ports/agent.ts';
import type { Log } from '../../ports/log.ts';
import type { AgentRecords, WrappingKeyKeeper } from '../../ports/wrapping-keys.ts';
import type { AgentHandler, Call } from '../call.ts';
import { jsonReply } from '../reply.ts';
import { jsonObject, readBody } from '../request-input.ts';

/**
 * `POST /v1/agents/{agent}/rekey`: replaces the agent's wrapping key, and with it that of all agents that share it; with
 * `dry_run` it only tells what would be sealed anew. Once begun it goes on without the client.
 */
export function rekey(
  agents: () => ReadonlyMap<string, Agent>,
  keys: WrappingKeyKeeper,
  log: Log,
): AgentHandler {
  return async (call, agent) => {
    const dryRun = wantsDryRun(await readBody(call.request, maxBodyBytes));
    log.info('rekey-requested', { agent: agent.name, ...call.described(), dry_run: dryRun });
    const mayAll = [...agents().keys()].every((name) => call.access.may('admin', name));
    if (!mayAll) refuseForOthers(call, agent.name, await keys.preview(agent.name));
    const records = await (dryRun ? keys.preview(agent.name) : keys.replace(agent.name));
    const rekeyed = dryRun ? [] : records.map(({ agent: name }) => name);
    return jsonReply(200, { agent: agent.name, rekeyed, agents: records, status: agent.status() });
  };
}

const maxBodyBytes = 4096;

/** A key is shared by agents of which the caller may not even know: it is replaced for all of them, or not at all. */
function refuseForOthers({ peer, access }: Call, name: string, shared: readonly AgentRecords[]): void {
  if (shared.every(({ agent }) => access.may('admin', agent))) return;
  const who = peer.uid === null ? 'the caller' : `uid ${peer.uid}`;
  throw new TokenwardError(
    'PEER_DENIED',
    `the wrapping key of ${name} is also that of agents for which ${who} has no "admin"; let somebody ask who has it for all of them, or give ${name} a key of its own`,
  );
}

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
