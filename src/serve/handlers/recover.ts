import { errorClasses, TokenwardError, type ErrorCode } from '../../domain/errors.ts';
import {
  recoveryActionNames,
  type RecoveryActionName,
  type RecoveryRequest,
} from '../../domain/recovery-report.ts';
import type { Log } from '../../ports/log.ts';
import type { AgentHandler } from '../call.ts';
import { jsonReply } from '../reply.ts';
import { jsonObject, readBody } from '../request-input.ts';

/**
 * `POST /v1/agents/{agent}/recover`: what is known of the agent, after the recommended action, or the one in `action`; with
 * `dry_run` only that. `matter` is the code that the caller saw: the action is not done about another one. No credential is taken: who wants to ask the server's list asks it himself.
 */
export function recover(log: Log): AgentHandler {
  return async (call, agent) => {
    const wanted = parseRequest(await readBody(call.request, maxBodyBytes));
    const { action, dryRun } = wanted;
    log.info('recovery-requested', {
      agent: agent.name,
      ...call.described(),
      action,
      dry_run: dryRun,
    });
    const { report, done, setAside } = await agent.recover(wanted);
    return jsonReply(200, { ...report, done, set_aside: setAside, status: agent.status() });
  };
}

const maxBodyBytes = 4096;

/** Throws `REQUEST_INVALID`, without a word of what the body holds: it may be a credential, sent by mistake. */
function parseRequest(body: Buffer | null): RecoveryRequest {
  if (body?.length === 0) return { action: null, matter: null, dryRun: false };
  const fields = body === null ? null : jsonObject(body.toString('utf8'));
  if (fields === null) throw invalid('the body is no JSON object');
  const { action = null, matter = null, dry_run: dryRun = false, ...others } = fields;
  if (Object.keys(others).length > 0) throw invalid('the body has a member that this request does not know');
  if (typeof dryRun !== 'boolean') throw invalid('dry_run is neither true nor false');
  if (action !== null && !isActionName(action)) throw invalid('action is none that there is');
  if (matter !== null && !isErrorCode(matter)) throw invalid('matter is no error code');
  return { action, matter, dryRun };
}

function invalid(what: string): TokenwardError {
  const advice = `send nothing, or {"action": …} with ${recoveryActionNames.join(', ')}, or {"dry_run": true}`;
  return new TokenwardError('REQUEST_INVALID', `${what}; ${advice}`);
}

function isErrorCode(value: unknown): value is ErrorCode {
  return typeof value === 'string' && Object.hasOwn(errorClasses, value);
}

function isActionName(value: unknown): value is RecoveryActionName {
  return recoveryActionNames.some((name) => name === value);
}
