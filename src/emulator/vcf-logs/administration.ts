/**
 * What an administrator does with agent secrets: create, list, revoke. The list has no published page; it is answered as a
 * JSON array of `{id, name, status, modificationTime}`, one entry a name. Revoking a revoked secret is answered 200 again.
 */
import { jsonAnswer, type ApiAnswer, type ApiRequest, type Route } from '../api.ts';
import { bearer } from '../credentials.ts';
import { errorAnswer, readJsonObject } from './error-body.ts';
import type { SecretRegistry } from './secret-registry.ts';

/** Lets only requests with the administrator's credential through to `handle`; the others get the API's 403. */
export function adminOnly(adminToken: string, handle: Route['handle']): Route['handle'] {
  return (request) =>
    bearer(request.headers['authorization']) === adminToken
      ? handle(request)
      : errorAnswer(403, 'SECURITY_ERROR', 'authorization required');
}

export function createSecret(registry: SecretRegistry, request: ApiRequest): ApiAnswer {
  const read = readJsonObject(request.body);
  if ('refusal' in read) return read.refusal;
  const { name } = read.fields;
  if (typeof name !== 'string' || name.trim() === '')
    return errorAnswer(400, 'FIELD_ERROR', 'name is required');
  const quoted = JSON.stringify(name);
  const created = registry.create(name);
  if (created === null) return errorAnswer(400, 'AGENT_ERROR', `an agent secret ${quoted} already exists`);
  const { id, secret, status } = created;
  return jsonAnswer(201, { id, name, secret, status }, `created ${quoted}`);
}

export function listSecrets(registry: SecretRegistry): ApiAnswer {
  return jsonAnswer(200, registry.list());
}

export function revokeSecret(registry: SecretRegistry, request: ApiRequest): ApiAnswer {
  const name = request.parameters['name'] ?? '';
  const quoted = JSON.stringify(name);
  const revoked = registry.revoke(name);
  if (revoked === null) return errorAnswer(400, 'AGENT_ERROR', `there is no agent secret ${quoted}`);
  const { id, status } = revoked;
  return jsonAnswer(200, { id, name, status }, `revoked ${quoted}`);
}
