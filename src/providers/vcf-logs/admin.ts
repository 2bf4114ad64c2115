import type { HttpAnswer } from '../../domain/outcome.ts';
import { Secret } from '../../domain/secret.ts';
import type { AgentSecretEntry, CreatedSecret, ProviderAdmin } from '../../ports/provider-admin.ts';
import { type AdminCall, type AdminDependencies, createAdminCaller, jsonRequest } from '../admin-caller.ts';
import type { ServerComplaint } from '../admin-error.ts';
import { isObject, readBody, textField } from '../answer/body.ts';
import { readErrorBody } from './error-body.ts';
import { meaningOf } from './error-codes.ts';

/** What an administrator does with agent secrets. */
export type VcfLogsAdmin = Required<Pick<ProviderAdmin, 'createSecret' | 'listSecrets' | 'revokeSecret'>>;

const basePath = '/api/v2/agent/secrets';

/** The credential is sent as a bearer token. Throws `SECRET_INPUT_INVALID` for one that no HTTP header can carry. */
export function createVcfLogsAdmin({ anotherName, ...dependencies }: AdminDependencies): VcfLogsAdmin {
  const call = createAdminCaller(dependencies, {
    header: 'authorization',
    scheme: 'Bearer',
    mayDo: 'manage agent secrets',
    readComplaint,
  });
  return {
    createSecret: (name, signal) => call(creation(name, anotherName(`${name}-2`)), signal),
    listSecrets: (signal) => call(listing, signal),
    revokeSecret: async (name, signal) => void (await call(revocation(name), signal)),
  };
}

function readComplaint(answer: HttpAnswer): ServerComplaint | null {
  const error = readErrorBody(readBody(answer.body));
  if (error === null) return null;
  const meaning = meaningOf(error.code);
  return { ...error, meaning: meaning === 'limit' || meaning === 'server' ? meaning : null };
}

/** API page "Create Agent Secret". */
function creation(name: string, anotherName: string): AdminCall<CreatedSecret> {
  return {
    task: {
      text: `create the secret ${name}`,
      ifLost: 'look',
      ifRefused: `where the name is taken, revoke that secret first, or choose another name: \`${anotherName}\``,
    },
    request: jsonRequest(basePath, { name }),
    read: (value) => createdSecret(value, name),
  };
}

/** Several thousand secrets fit into the limit. */
const listing: AdminCall<readonly AgentSecretEntry[]> = {
  task: { text: 'list the secrets', ifLost: 'nothing' },
  request: { method: 'GET', path: basePath, headers: {}, body: null, maxBodyBytes: 8 * 1024 * 1024 },
  read: listEntries,
};

/** API page "Revoke Agent Secret". */
function revocation(name: string): AdminCall<true> {
  return {
    task: { text: `revoke the secret ${name}`, ifLost: 'again' },
    request: {
      method: 'POST',
      path: `${basePath}/${encodeURIComponent(name)}/revoke`,
      headers: {},
      body: null,
    },
    read: (value) => (isObject(value) ? true : null),
  };
}

function createdSecret(value: unknown, name: string): CreatedSecret | null {
  const secret = textField(value, 'secret');
  if (secret === null) return null;
  return {
    id: textField(value, 'id'),
    name: textField(value, 'name') ?? name,
    secret: new Secret(secret),
    status: textField(value, 'status'),
  };
}

/** The page "List Agent Secrets" is not published; lists come bare or in an object, so both are taken. */
function listEntries(value: unknown): readonly AgentSecretEntry[] | null {
  const list: unknown = isObject(value) ? (value['secrets'] ?? value['content']) : value;
  return Array.isArray(list) ? list.flatMap(entry) : null;
}

/** An entry without a name cannot be referred to, and is left out. */
function entry(value: unknown): readonly AgentSecretEntry[] {
  const name = textField(value, 'name');
  if (name === null || !isObject(value)) return [];
  const time = value['modificationTime'];
  const modificationTime = typeof time === 'string' || typeof time === 'number' ? time : null;
  return [{ id: textField(value, 'id'), name, status: textField(value, 'status'), modificationTime }];
}
