import { TokenwardError } from '../../domain/errors.ts';
import { rejectionStatuses } from '../../domain/probe.ts';
import type { Fingerprint } from '../../domain/secret.ts';
import type { Log } from '../../ports/log.ts';
import { denialOf } from '../access.ts';
import type { AgentHandler } from '../call.ts';
import { jsonReply } from '../reply.ts';
import { jsonObject, readBody } from '../request-input.ts';

/**
 * `POST /v1/agents/{agent}/token/rejections`: a shipper was refused with a token. The answer says at once which token is the
 * newest; where that is the one, it is shown to the server or replaced before anything else is believed. Whoever revoked the
 * tokens at the server says `revoked: true`, which needs no confirmation and therefore the verb `admin`.
 */
export function reject(log: Log): AgentHandler {
  return async (call, agent) => {
    const { peer, access, request } = call;
    const { fingerprint, status, revoked } = parseRequest(await readBody(request, maxBodyBytes));
    if (revoked && !access.may('admin', agent.name))
      throw new TokenwardError('PEER_DENIED', denialOf({ peer, access, verb: 'admin', agent: agent.name }));
    const { sequence, matches } = agent.report({ fingerprint, certain: revoked });
    log.info('token-rejection-reported', { agent: agent.name, ...call.described(), status, matches });
    return jsonReply(202, { agent: agent.name, sequence, matches });
  };
}

const maxBodyBytes = 4096;

interface Rejection {
  readonly fingerprint: Fingerprint;
  readonly status: number;
  readonly revoked: boolean;
}

/** Throws `REQUEST_INVALID`, without a word of what the body holds: it may be the token, sent by mistake. */
function parseRequest(body: Buffer | null): Rejection {
  const fields = body === null ? null : jsonObject(body.toString('utf8'));
  if (fields === null) throw invalid('the body is no JSON object');
  const { fingerprint, status, revoked = false, ...others } = fields;
  if (Object.keys(others).length > 0) throw invalid('the body has a member that this request does not know');
  if (!isFingerprint(fingerprint))
    throw invalid('fingerprint is not "sha256:" with the 64 hexadecimal digits of the SHA-256 of the token');
  if (typeof status !== 'number' || !rejectionStatuses.includes(status))
    throw invalid(`status is none of ${rejectionStatuses.join(', ')}, with which servers reject a token`);
  if (typeof revoked !== 'boolean') throw invalid('revoked is neither true nor false');
  return { fingerprint, status, revoked };
}

function invalid(what: string): TokenwardError {
  return new TokenwardError(
    'REQUEST_INVALID',
    `${what}; send {"fingerprint":"sha256:…","status":401}, with the status that the server answered`,
  );
}

function isFingerprint(value: unknown): value is Fingerprint {
  return typeof value === 'string' && /^sha256:[0-9a-f]{64}$/.test(value);
}
